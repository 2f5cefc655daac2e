"""All rules, and what they find."""

from __future__ import annotations

from tlscap.findings import renegotiation_insecure, renegotiation_refused, resumed_without_certificate
from tlscap.findings.finding import Finding
from tlscap.findings.rule import Rule, Sql, ask

SEVERITIES = ("critical", "warning", "info")
"""Most severe first."""

RULES: tuple[Rule, ...] = (renegotiation_refused.RULE, renegotiation_insecure.RULE, resumed_without_certificate.RULE)


def run(sql: Sql) -> list[Finding]:
    """What all rules find, the most severe first, and of equal severity what concerns most connections."""
    conditions = ", ".join(f"{rule.when} as {rule.name}" for rule in RULES)
    applies = ask(sql, f"select {conditions} from connections")[0]
    found = [finding for rule in RULES if applies[rule.name] and (finding := rule.find(sql)) is not None]
    return sorted(found, key=lambda finding: (SEVERITIES.index(finding.severity), -finding.count, finding.rule))
