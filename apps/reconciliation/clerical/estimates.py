"""Quality of the links, estimated from people's answers.

Pairs are divided into strata h by whole weight and by whether the machine linked them. In each
stratum, the pairs on which people agree count as a random sample of it. Between the thresholds
these are all such pairs; outside, only those of the blind sample. With N_h pairs, n_h answered and
p_h of these one person

precision = Σ N_h p_h / Σ N_h              over the linked strata
recall    = Σ N_h p_h (linked) / Σ N_h p_h (all)

Strata without an answer are left out; the share of pairs in them is reported with the estimate.
Recall covers only the pairs that were compared: two records that no blocking rule brings together
are not counted. The interval is Wilson's (1927, JASA 22:209) at 95 %, with the effective number of
answers in place of n, as Franco, Little, Louis and Slud (2019, J. Survey Stat. Methodol. 7:334)
recommend for stratified samples: n_eff = p(1−p) / Var(p). The variance uses the estimate
p_h = (same + 1) / (n_h + 2), so that a stratum in which all answers agree is not taken as certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from apps.common import sql
from apps.reconciliation.models import Pairing

Z: Final = 1.96


@dataclass(frozen=True)
class Stratum:
    """Pairs of one whole weight, linked by the machine or not, and what people found in them."""

    bin: int
    is_linked: bool
    pairs: int
    same: int
    not_same: int

    @property
    def judged(self) -> int:
        return self.same + self.not_same

    @property
    def share(self) -> float:
        return self.same / self.judged

    @property
    def cautious(self) -> float:
        return (self.same + 1) / (self.judged + 2)

    @property
    def variance(self) -> float:
        """Variance of the estimated number of pairs that are one person."""
        return self.pairs**2 * self.cautious * (1 - self.cautious) / self.judged


@dataclass(frozen=True)
class Estimate:
    """A share with its interval, from `judged` answers; `unknown` pairs are left out."""

    value: float
    low: float
    high: float
    judged: int
    unknown: int
    pairs: int


@dataclass(frozen=True)
class Quality:
    """Precision and recall, None without answers; `agreed` of `twice` pairs answered twice."""

    precision: Estimate | None
    recall: Estimate | None
    twice: int
    agreed: int


def of(pairing: Pairing) -> Quality:
    """The quality of a pairing's current pairs, from people's answers. Queries: two."""
    rows = sql.run("reconciliation/clerical/count_strata", {"pairing": pairing.pk})
    twice, agreed = sql.run("reconciliation/clerical/count_agreement", {"pairing": pairing.pk})[0]
    strata = [Stratum(*row) for row in rows]
    return Quality(precision(strata), recall(strata), twice, agreed)


def precision(strata: Sequence[Stratum]) -> Estimate | None:
    """The share of linked pairs that are one person."""
    linked = [one for one in strata if one.is_linked]
    known = [one for one in linked if one.judged]
    pairs = sum(one.pairs for one in known)
    if not pairs:
        return None
    value = sum(one.pairs * one.share for one in known) / pairs
    cautious = sum(one.pairs * one.cautious for one in known) / pairs
    variance = sum(one.variance for one in known) / pairs**2
    return _estimate(value, cautious, variance, linked)


def recall(strata: Sequence[Stratum]) -> Estimate | None:
    """The share of the compared pairs of one person that are linked."""
    known = [one for one in strata if one.judged]
    linked, all_same = _same(known, True), _same(known, True) + _same(known, False)
    if not all_same or not any(one.is_linked for one in known):
        return None
    found = sum(one.pairs * one.cautious for one in known if one.is_linked)
    whole = sum(one.pairs * one.cautious for one in known)
    share = found / whole
    variance = sum(one.variance * ((1 - share) if one.is_linked else share) ** 2 for one in known)
    return _estimate(linked / all_same, share, variance / whole**2, strata)


def wilson(share: float, answers: float) -> tuple[float, float]:
    """The Wilson interval of a share for this number of answers."""
    middle = (share + Z**2 / (2 * answers)) / (1 + Z**2 / answers)
    half = sqrt(share * (1 - share) / answers + Z**2 / (4 * answers**2))
    half *= Z / (1 + Z**2 / answers)
    return max(0.0, middle - half), min(1.0, middle + half)


def _same(strata: Sequence[Stratum], is_linked: bool) -> float:
    return sum(one.pairs * one.share for one in strata if one.is_linked == is_linked)


def _estimate(
    value: float, cautious: float, variance: float, strata: Sequence[Stratum]
) -> Estimate:
    judged = sum(one.judged for one in strata)
    answers = min(cautious * (1 - cautious) / variance, float(judged)) if variance else judged
    low, high = wilson(value, max(answers, 1.0))
    unknown = sum(one.pairs for one in strata if not one.judged)
    return Estimate(value, low, high, judged, unknown, sum(one.pairs for one in strata))
