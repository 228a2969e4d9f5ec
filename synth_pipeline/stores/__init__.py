"""Where machine lists, code and datasets lie: the layout, over a folder or an S3 bucket.

What is in a dataset is judged by its family (`readings`), what is asked for is in `registries`.
"""
