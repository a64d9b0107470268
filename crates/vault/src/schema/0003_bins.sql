-- What the table of issuer ranges said of a card, and which table.
ALTER TABLE vault_card ADD COLUMN facts TEXT;
ALTER TABLE vault_card ADD COLUMN bin_table TEXT NOT NULL DEFAULT '';
