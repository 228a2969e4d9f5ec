"""Models on Amazon Bedrock: one call of the Converse API, and what its errors mean.

What is asked and how replies are read is the same for every provider and lies in `authoring.model`.
"""
