"""Addresses of the findings' pages in the workbench."""

from __future__ import annotations

from django.urls import reverse

from veto.models import Finding


def page(finding: Finding, name: str = "change") -> str:
    opts = finding._meta
    return reverse(f"workbench:{opts.app_label}_{opts.model_name}_{name}", args=[finding.pk])
