"""The lists in a reply, in all the forms in which models write lists."""
