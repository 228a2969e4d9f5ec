"""Where datasets and requests are kept."""
