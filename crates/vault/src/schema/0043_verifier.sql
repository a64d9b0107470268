-- All of a root's verifier, where the check has its beginning alone: it tells a custodian's root from one
-- that was searched for. Sets of shares from before have none.
ALTER TABLE vault_custodian ADD COLUMN verifier BYTES;
