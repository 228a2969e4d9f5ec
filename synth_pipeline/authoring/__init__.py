"""Authors list machines and write their generators."""
