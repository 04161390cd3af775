"""The literature: one network a page, its equations and its citation; and the network string that names it."""

from rnnproof.catalogue.names import NETWORKS, network

__all__ = ["NETWORKS", "network"]
