"""Tests of synth_pipeline."""
