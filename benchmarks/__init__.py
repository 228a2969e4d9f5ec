"""What a machine-year costs, measured side by side: `make bench` writes results.md."""
