"""One file a command of `synth`, named like it."""
