-- Those of some family cards somebody of which has a protected kind of need, in a file or in the
-- register, also beyond what the user may see: a SECURITY DEFINER function reads.
-- Parameters: cards. Result: kk.
-- Indexes: proposals_proposal_protected, registry_family_kk, registry_family_former_kk,
-- registry_person_protected; each card is looked up by key.
SELECT proposals_protected_cards(%(cards)s::text[])
