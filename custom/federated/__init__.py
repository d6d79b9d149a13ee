"""Federated learning: sites that share weights instead of images, with MONAI's ``MonaiAlgo`` on each of them."""

from custom.federated.averaging import federated_averaging
from custom.federated.nvflare_job import write_job
from custom.federated.site_bundle import write_site_bundle
from custom.federated.sites import split_into_sites

__all__ = ["federated_averaging", "split_into_sites", "write_job", "write_site_bundle"]
