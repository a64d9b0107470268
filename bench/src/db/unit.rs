//! One unit of work: what an accepted card payment writes.

use kernel::{EventId, Id, MerchantId, PaymentId, Rng, ShopId, Timestamp};

/// Postings of a unit.
pub(super) const POSTINGS: usize = 3;
/// Length of an event's body: that of a payment with a card.
const BODY_CHARACTERS: usize = 1_200;

/// The merchants the work is spread over, each with a shop and accounts.
#[derive(Debug)]
pub(super) struct Merchants {
    all: Vec<Merchant>,
    /// What fills the body of an event.
    filler: String,
}

#[derive(Debug)]
struct Merchant {
    id: MerchantId,
    shop: ShopId,
    accounts: [Id; POSTINGS],
}

impl Merchants {
    pub(super) fn new(count: u32, now: Timestamp, rng: &dyn Rng) -> Self {
        let one = |_| Merchant {
            id: MerchantId::new(now, rng),
            shop: ShopId::new(now, rng),
            accounts: [Id::ordered(now, rng), Id::ordered(now, rng), Id::ordered(now, rng)],
        };
        let all = (0..count.max(1)).map(one).collect();
        Self { all, filler: "x".repeat(BODY_CHARACTERS) }
    }
}

/// The values of one unit, made outside of it.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    pub(super) merchant: MerchantId,
    pub(super) shop: ShopId,
    pub(super) payment: PaymentId,
    pub(super) event: EventId,
    pub(super) entry: Id,
    pub(super) accounts: [Id; POSTINGS],
    pub(super) key: String,
    pub(super) fingerprint: [u8; 32],
    pub(super) order_ref: String,
    pub(super) body: String,
    pub(super) now: Timestamp,
}

impl Unit {
    /// The `number`th unit of a run.
    pub(super) fn new(merchants: &Merchants, number: u64, now: Timestamp, rng: &dyn Rng) -> Self {
        let mut random = [0_u8; 32];
        rng.fill(&mut random);
        let wide = u64::try_from(merchants.all.len()).unwrap_or(1).max(1);
        let place = usize::try_from(number % wide).unwrap_or(0);
        let merchant = &merchants.all[place];
        let payment = PaymentId::new(now, rng);
        Self {
            merchant: merchant.id,
            shop: merchant.shop,
            payment,
            event: EventId::new(now, rng),
            entry: Id::ordered(now, rng),
            accounts: merchant.accounts,
            key: Id::random(rng).text(),
            fingerprint: random,
            order_ref: format!("CMD-{number}"),
            body: format!("{{\"id\":\"{payment}\",\"filler\":\"{}\"}}", merchants.filler),
            now,
        }
    }
}
