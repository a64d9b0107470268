//! The closed lists of words that a payment's facts are made of.

use super::words::words;

words! {
    /// Where the sale is made.
    Channel {
        /// A hosted page or a vault form of a web shop.
        Ecommerce => "ecommerce",
        /// The same on a telephone.
        Mobile => "mobile",
        /// Staff types the card on the vault's page.
        MotoTerminal => "moto_terminal",
        /// Business software by token.
        Erp => "erp",
        /// A saved card at the desk.
        Counter => "counter",
    }
}

words! {
    /// What the amount is for; decides which account of the ledger it credits.
    Purpose {
        /// The whole price.
        Plain => "plain",
        /// Paid ahead of a stay; owed to the guest until the stay.
        Deposit => "deposit",
        /// The rest of a stay.
        Balance => "balance",
    }
}

words! {
    /// Who asks for the money.
    Initiator {
        /// The payer is there and can be challenged.
        Payer => "payer",
        /// The merchant charges a kept card under a mandate.
        Merchant => "merchant",
    }
}

words! {
    /// Why the merchant charges without the payer.
    Reason {
        /// The guest did not come.
        NoShow => "no_show",
        /// Minibar, damage found later.
        DelayedCharge => "delayed_charge",
        /// More of the same stay.
        Incremental => "incremental",
        /// A refused charge tried again.
        Resubmission => "resubmission",
        /// A lapsed authorisation asked again.
        Reauthorisation => "reauthorisation",
        /// Subscription.
        Recurring => "recurring",
        /// A further part of one price.
        Instalment => "instalment",
        /// On no plan.
        Unscheduled => "unscheduled",
        /// Guarantee of a booking.
        Guarantee => "guarantee",
        /// By telephone or letter.
        Moto => "moto",
    }
}

words! {
    /// Whether the card may be kept after this payment.
    KeepCard {
        /// Forgotten when the payment is final.
        None => "none",
        /// Kept for later charges of the same booking.
        Booking => "booking",
    }
}

words! {
    /// What is wished of strong authentication.
    ThreedsWish {
        /// As the house sees fit.
        Auto => "auto",
        /// No preference is told.
        NoPreference => "no_preference",
        /// Without a challenge if the issuer agrees; costs the guarantee.
        Avoid => "avoid",
        /// With a challenge if possible.
        Prefer => "prefer",
        /// With a challenge.
        Mandate => "mandate",
    }
}

words! {
    /// Who starts the capture.
    CaptureMode {
        /// The plan of the payment.
        Auto => "auto",
        /// A person or program.
        Manual => "manual",
    }
}

words! {
    /// Whether a person must validate before the capture.
    Validation {
        /// Nobody needs to.
        None => "none",
        /// Not yet given.
        Pending => "pending",
        /// Given.
        Given => "given",
    }
}

words! {
    /// Why a payment ended before any authorisation.
    Closed {
        /// Staff or a program cancelled it.
        Merchant => "merchant",
        /// What was held for the payer went to somebody else.
        HoldLost => "hold_lost",
        /// The price is no longer the one asked for.
        AmountChanged => "amount_changed",
        /// Another payment was opened for the same thing.
        Replaced => "replaced",
        /// What was to be paid is paid otherwise, or is no more.
        NothingDue => "nothing_due",
    }
}

words! {
    /// The payer's session on the page.
    Session {
        /// The page was never opened.
        NotOpened => "not_opened",
        /// The payer is (or may be) on the page.
        Open => "open",
        /// Time passed or the payer left.
        Ended => "ended",
    }
}
