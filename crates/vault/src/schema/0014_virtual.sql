-- Window and balance of a virtual card, as its channel told them with it (JSON).
ALTER TABLE vault_card ADD COLUMN virtual_told TEXT;
