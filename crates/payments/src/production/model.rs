//! The points of the checklist, and whether each is done. Pure.

use kernel::{PaymentId, Timestamp, WebhookEndpointId};

/// What must be true before real payers come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A contract with an acquirer, behind a live connector.
    Contract,
    /// A test payment was captured.
    Payment,
    /// A program of the merchant took a message.
    Notification,
    /// A person looked at the payment page.
    Page,
    /// Everybody who signs in has a second factor.
    SecondFactor,
}

impl Point {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 5] =
        [Self::Contract, Self::Payment, Self::Notification, Self::Page, Self::SecondFactor];

    /// Its name in messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Payment => "payment",
            Self::Notification => "notification",
            Self::Page => "page",
            Self::SecondFactor => "factor",
        }
    }
}

/// What was found of a merchant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Whether a live connector exists that a contract could be behind.
    pub has_live_connector: bool,
    /// The latest captured test payment.
    pub payment: Option<(PaymentId, Timestamp)>,
    /// The latest message that a program took, and to which address it went.
    pub notification: Option<(WebhookEndpointId, Timestamp)>,
    /// Who looked at the payment page, and when.
    pub page: Option<(String, Timestamp)>,
    /// People who have shown a second factor.
    pub with_factor: i64,
    /// People who can sign in and have shown none yet.
    pub without_factor: i64,
    /// Live shops that are open, and when the first one was.
    pub opened_at: Option<Timestamp>,
    /// Whether there is a live shop at all.
    pub has_live_shop: bool,
}

impl Found {
    /// Whether a point is done.
    #[must_use]
    pub const fn is_done(&self, point: Point) -> bool {
        match point {
            Point::Contract => self.has_live_connector,
            Point::Payment => self.payment.is_some(),
            Point::Notification => self.notification.is_some(),
            Point::Page => self.page.is_some(),
            Point::SecondFactor => self.with_factor > 0 && self.without_factor == 0,
        }
    }

    /// Whether the live shop may be opened now.
    #[must_use]
    pub fn may_open(&self) -> bool {
        let waits = self.has_live_shop && self.opened_at.is_none();
        waits && Point::ALL.into_iter().all(|point| self.is_done(point))
    }
}
