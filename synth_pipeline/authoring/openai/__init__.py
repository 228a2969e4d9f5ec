"""Models behind any OpenAI-compatible endpoint: one call of Chat Completions, what its errors mean.

What is asked and how replies are read is the same for every provider and lies in `authoring.model`.
"""
