"""A reply as Markdown, without what the model thought aloud."""
