"""Checks on gradients: whether they are right, and where a nan comes from."""

from .anomaly import detect_anomaly
from .gradient_check import gradcheck

__all__ = ["detect_anomaly", "gradcheck"]
