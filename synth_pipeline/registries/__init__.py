"""What was asked for and where it stands: the protocol, and what outcomes and time do to a request.

Each kind of registry has a folder of its own; what is made of a request lies in `stores`.
"""
