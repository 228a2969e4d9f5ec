"""What a request, a machine and a dataset are; standard library and pyarrow only."""
