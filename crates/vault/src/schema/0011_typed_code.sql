-- A payer typed the code of this card for a payment that no bank has answered yet. The code itself
-- is in memory alone: when it is not there, he must type it again.
ALTER TABLE vault_card ADD COLUMN code_typed BIGINT NOT NULL DEFAULT 0;
