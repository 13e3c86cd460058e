-- The families that are proposed: those of a village whose KK a proposal of the same village has. The
-- one definition, for the counts of the register and for the pockets.
-- Tables: proposals (read_proposals, or the touched ones). Result: village_id, kk, each once.
SELECT DISTINCT village_id, kk FROM {proposals}
