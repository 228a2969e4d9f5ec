"""What columns can be measured in and what values they can hold: tables, with their sources.

Tables (`dimensions`, `units`, `meanings`, `bounds`) and pure functions over them. Nothing here
reads data: who judges a dataset passes its columns and the extremes of its year.

An honest program must never be refused. So what has two readings (`g`, `nm`, `_pa`) is at fault
only if it is in each of them, words such as `difference` lift the bounds of absolute quantities,
and a unit or name that the tables do not know in detail is left alone.
"""
