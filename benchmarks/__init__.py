"""Developers' benchmark: attacks and training steps against independent implementations and the bare passes."""
