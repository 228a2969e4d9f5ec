"""The data family *machine readings* (one machine, one year, a row a minute): its contract, checks,
labels, figures, picture, files and the words of its prompt.

What any family could share (authors, sandboxes, stores, registries, orchestration) does not
belong here; a second family is a folder of the same shape beside this one.
"""  # noqa: D205 - the sentence is the summary
