"""The embedded author: curated machine knowledge and the writer that turns it into code."""
