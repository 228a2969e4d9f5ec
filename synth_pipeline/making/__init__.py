"""From a request to published data: listing, writing and running code, judging, publishing.

Plain functions over `Services`; neither Dagster nor the terminal is known here.
"""
