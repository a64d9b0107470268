-- What a request added to the amount: means, saving the card, day of the event (JSON); without
-- it, nothing was added.
ALTER TABLE payment ADD COLUMN terms TEXT;
