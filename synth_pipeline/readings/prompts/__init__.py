"""What a model is asked about machine readings; how it is asked is in `authoring.model`."""
