"""The program in a reply: what texts may be it, and which of them is meant."""
