"""Rules about the repository itself, held by machine: what may import what, where, in which words.

`tree` lists the files, `code` and `texts` find what breaks a rule in them; each finder is tried on
a breach of its own beside the test that the tree has none.
"""
