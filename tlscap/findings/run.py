"""All rules, and what they find."""

from __future__ import annotations

from tlscap.findings import renegotiation_insecure, renegotiation_refused, resumed_without_certificate
from tlscap.findings.finding import Finding
from tlscap.findings.rule import Asked, Rule

SEVERITIES = ("critical", "warning", "info")
"""Most severe first."""

RULES: tuple[Rule, ...] = (renegotiation_refused.RULE, renegotiation_insecure.RULE, resumed_without_certificate.RULE)


def run(tables: Asked) -> list[Finding]:
    """What all rules find, the most severe first, and of equal severity what concerns most connections."""
    applying = [rule for rule in RULES if rule.when(tables.connections)]
    found = [finding for rule in applying if (finding := rule.find(tables)) is not None]
    return sorted(found, key=lambda finding: (SEVERITIES.index(finding.severity), -finding.count, finding.rule))
