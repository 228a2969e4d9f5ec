"""The author that asks a language model, whoever serves it: conversation, replies, mending.

How one provider is called lies in a folder of its own beside this one (`authoring.bedrock`); the
words of the questions are the data family's (`readings.prompts`).
"""
