"""The demo: a whole installation in one folder, with sample people, a portal and a mailbox.

For trying out on one's own machine; nothing of it is mounted in the provider.
"""
