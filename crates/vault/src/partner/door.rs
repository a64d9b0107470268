//! The door of the vault's own API: who knocks, from where, for what, how often.

use std::collections::HashMap;
use std::fmt::Display;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Clock, Mode, PartnerId, Problem, ProxyProfileId, ShopId, Timestamp, Zone};
use vault_wire::{PartnerScope, PartnerState, Refused};
use zeroize::Zeroizing;

use super::quota::{Buckets, Rate, TooMany};
use super::store::PartnerRow;
use super::{Partners, book, networks};
use crate::card::FieldFault;
use crate::figures;
use crate::keys::bytes::{hex, sha256};
use crate::shop::{Shop, Shops};
use crate::strict::BadBody;

/// Applications of one address.
const APPLICATIONS: Rate = Rate { calls: 5, seconds: 60 * 60, at_once: 5 };
/// Messages of a profile.
const MESSAGES: Rate = Rate { calls: 120, seconds: 60, at_once: 240 };
/// Calls of a partner about himself.
const HIMSELF: Rate = Rate { calls: 10, seconds: 60, at_once: 10 };
/// So many calls from wrong addresses within the window are an alarm.
const DENIED: Rate = Rate { calls: 20, seconds: 10 * 60, at_once: 20 };

/// A request as it came in.
pub(crate) struct Knock {
    /// The whole text of the vault key.
    pub(crate) key: Zeroizing<String>,
    /// Address of the peer, from the socket.
    pub(crate) from: IpAddr,
    /// `Idempotency-Key`.
    pub(crate) idempotency: Option<String>,
    /// The body. Wiped when dropped.
    pub(crate) body: Zeroizing<Vec<u8>>,
}

/// What a program is answered.
pub(crate) struct Answered {
    /// 200, 201, 202 or 204.
    pub(crate) status: u16,
    /// The answer's body; empty for 204.
    pub(crate) json: String,
    /// Whether it is the stored answer of an earlier request.
    pub(crate) again: bool,
}

/// Why a request is refused.
pub(crate) enum Denied {
    /// With a status, a stable code and a path.
    Simple(u16, &'static str, Option<String>),
    /// Fields of the card.
    Fields(Vec<FieldFault>),
    /// In words of its own.
    Problem(Box<Problem>),
    /// Too often.
    Quota(TooMany),
    /// A failure of ours.
    Internal,
}

impl Denied {
    pub(crate) const fn new(status: u16, code: &'static str) -> Self {
        Self::Simple(status, code, None)
    }

    pub(crate) fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "vault api");
        Self::Internal
    }
}

impl From<BadBody> for Denied {
    fn from(bad: BadBody) -> Self {
        Self::Simple(bad.status, bad.code, Some(bad.path))
    }
}

impl From<TooMany> for Denied {
    fn from(too_many: TooMany) -> Self {
        figures::QUOTA_REFUSED.add();
        Self::Quota(too_many)
    }
}

/// Codes of refusals with their status; the wire has the same words without one.
const STATUSES: [(u16, &str); 30] = [
    (403, "host_not_allowed"),
    (404, "not_found"),
    (410, "gone"),
    (422, "invalid_field"),
    (422, "unknown_field"),
    (422, "contact_missing"),
    (409, "contact_hold"),
    (422, "return_url_not_registered"),
    (422, "frame_origin_not_registered"),
    (422, "reason_too_short"),
    (422, "profile_invalid"),
    (403, "pin_not_set"),
    (403, "pin_locked"),
    (403, "pin_blocked"),
    (403, "pin_disabled"),
    (403, "awaiting_approval"),
    (403, "approval_refused"),
    (403, "self_approval"),
    (403, "reveals_blocked"),
    (403, "outside_hours"),
    (403, "network_not_allowed"),
    (429, "reveal_limit"),
    (429, "quota"),
    (409, "partner_state"),
    (409, "key_limit"),
    (409, "precondition_failed"),
    (409, "storage_off"),
    (503, "busy"),
    (503, "audit_unavailable"),
    (503, "clock_unsafe"),
];

impl From<Refused> for Denied {
    fn from(refused: Refused) -> Self {
        let known = STATUSES.iter().find(|(_, code)| *code == refused.code);
        let Some((status, code)) = known else {
            return Self::Internal;
        };
        if *status == 404 {
            return Self::new(404, "not_found");
        }
        let mut problem = Problem::new(*status, code, refused.detail.clone());
        if let Some(path) = refused.path {
            let error = kernel::FieldError::new(path, *code, refused.detail);
            problem = problem.with_error(error);
        }
        Self::Problem(Box::new(match refused.retry_after_seconds {
            Some(seconds) => problem.retry_after(seconds),
            None => problem,
        }))
    }
}

/// Who may go on.
pub(crate) struct Caller {
    who: Who,
    /// Taken while the request runs.
    _place: Option<Place>,
}

enum Who {
    /// The property's own program.
    Property(Arc<Shop>),
    /// A partner, for one thing.
    Partner(Arc<PartnerRow>, Mode, PartnerScope),
}

/// One of the requests that run at the same time.
pub(crate) struct Place(Arc<AtomicU32>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    Calls(PartnerId, &'static str),
    LinksOf(PartnerId, ShopId),
    ApplicationsFrom(IpAddr),
    DeniedFrom(PartnerId),
    Messages(ProxyProfileId),
    DeniedAt(ProxyProfileId),
}

/// All doors.
pub(crate) struct Doors {
    pub(crate) shops: Arc<Shops>,
    pub(crate) partners: Arc<Partners>,
    pub(crate) clock: Arc<dyn Clock>,
    buckets: Buckets<Counted>,
    running: Mutex<HashMap<PartnerId, Arc<AtomicU32>>>,
}

impl Doors {
    pub(crate) fn new(shops: Arc<Shops>, partners: Arc<Partners>, clock: Arc<dyn Clock>) -> Self {
        Self { shops, partners, clock, buckets: Buckets::default(), running: Mutex::default() }
    }

    /// Lets a request in, or says why not.
    pub(crate) fn enter(&self, knock: &Knock, scope: PartnerScope) -> Result<Caller, Denied> {
        let hash = sha256(knock.key.as_bytes());
        if let Some((shop, allowed)) = self.shops.by_key(&hex(&hash), knock.from) {
            if allowed {
                return Ok(Caller { who: Who::Property(shop), _place: None });
            }
            tracing::warn!(shop = %shop.settings.shop, from = %knock.from, "vault key: address");
            figures::DENIED_ADDRESSES.add();
            return Err(Denied::new(403, "ip_not_allowed"));
        }
        let now = self.clock.now();
        let (partner, mode) = self.partner(hash, knock.from, now)?;
        if !partner.about.application.scopes.contains(&scope) {
            return Err(Denied::new(403, "scope_missing"));
        }
        if partner.state == PartnerState::Suspended && scope != PartnerScope::CardsDelete {
            return Err(Denied::new(403, "partner_suspended"));
        }
        let counted = rate(&partner, scope);
        self.buckets.take(Counted::Calls(partner.id, counted.0), counted, now)?;
        let place = self.place(&partner)?;
        Ok(Caller { who: Who::Partner(partner, mode, scope), _place: Some(place) })
    }

    /// The partner of a key, if the key works and may be used from there.
    fn partner(
        &self,
        hash: [u8; 32],
        from: IpAddr,
        now: Timestamp,
    ) -> Result<(Arc<PartnerRow>, Mode), Denied> {
        let unknown = || Denied::new(401, "unauthorized");
        let (partner, key) = self.partners.by_key(hash).ok_or_else(unknown)?;
        let open = match key.mode {
            Mode::Live => matches!(partner.state, PartnerState::Active | PartnerState::Suspended),
            Mode::Test => !matches!(partner.state, PartnerState::Refused | PartnerState::Revoked),
        };
        if !open || !key.works(now) {
            return Err(unknown());
        }
        let place = (from, partner.about.ips.as_slice(), key.mode);
        self.at_home((&partner.id, Counted::DeniedFrom(partner.id)), place, now)?;
        Ok((partner, key.mode))
    }

    /// Refuses a key that is used from elsewhere; too many such tries are an alarm.
    fn at_home(
        &self,
        (id, denied): (&dyn Display, Counted),
        (from, networks, mode): (IpAddr, &[String], Mode),
        now: Timestamp,
    ) -> Result<(), Denied> {
        if networks::hold(networks, mode, from) {
            return Ok(());
        }
        figures::DENIED_ADDRESSES.add();
        tracing::warn!(key_of = %id, %from, "a key is used from a wrong address");
        if self.buckets.take(denied, ("denied", DENIED), now).is_err() {
            tracing::error!(key_of = %id, "ALARM: a key is tried from wrong addresses");
        }
        Err(Denied::new(403, "ip_not_allowed"))
    }

    /// The partner of a key, for what concerns himself and no property; his place is held meanwhile.
    pub(crate) fn himself(&self, knock: &Knock) -> Result<(Arc<PartnerRow>, Place), Denied> {
        let hash = sha256(knock.key.as_bytes());
        if self.shops.by_key(&hex(&hash), knock.from).is_some() {
            return Err(Denied::new(404, "not_found"));
        }
        let now = self.clock.now();
        let (partner, _) = self.partner(hash, knock.from, now)?;
        self.buckets.take(Counted::Calls(partner.id, "himself"), ("himself", HIMSELF), now)?;
        let place = self.place(&partner)?;
        Ok((partner, place))
    }

    fn place(&self, partner: &PartnerRow) -> Result<Place, Denied> {
        let counter = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(running.entry(partner.id).or_default())
        };
        let place = Place(Arc::clone(&counter));
        let most = partner.about.quotas.in_flight;
        if counter.fetch_add(1, Ordering::AcqRel) < most {
            return Ok(place);
        }
        let rate = Rate { calls: most, seconds: 1, at_once: most };
        Err(TooMany { by: "in_flight", rate, wait_seconds: 1 }.into())
    }

    /// One more application from there.
    pub(crate) fn application_from(&self, from: IpAddr) -> Result<(), Denied> {
        let caller = Counted::ApplicationsFrom(from);
        Ok(self.buckets.take(caller, ("applications", APPLICATIONS), self.clock.now())?)
    }

    /// One more message of a profile, brought with its own key.
    pub(crate) fn message(
        &self,
        profile: ProxyProfileId,
        place: (IpAddr, &[String], Mode),
    ) -> Result<(), Denied> {
        let now = self.clock.now();
        self.at_home((&profile, Counted::DeniedAt(profile)), place, now)?;
        Ok(self.buckets.take(Counted::Messages(profile), ("proxy", MESSAGES), now)?)
    }

    /// One more link of a partner in a property.
    pub(crate) fn count_link(&self, caller: &Caller, shop: &Shop) -> Result<(), Denied> {
        let Who::Partner(partner, ..) = &caller.who else { return Ok(()) };
        let rate = Rate::a_day(partner.about.quotas.links_per_day);
        let counted = Counted::LinksOf(partner.id, shop.settings.shop);
        Ok(self.buckets.take(counted, ("links_of_property", rate), self.clock.now())?)
    }

    /// The shop that a request names, if the caller may do there what he came for.
    pub(crate) async fn shop(&self, caller: &Caller, named: &str) -> Result<Arc<Shop>, Denied> {
        let named = named.parse::<ShopId>().ok();
        match &caller.who {
            Who::Property(shop) if Some(shop.settings.shop) == named => Ok(Arc::clone(shop)),
            Who::Property(_) => Err(Denied::new(404, "not_found")),
            Who::Partner(partner, mode, scope) => {
                let denied = || Denied::new(403, "not_granted");
                let grant = self.partners.grant(partner.id, named.ok_or_else(denied)?);
                let grant = grant.ok_or_else(denied)?;
                let shop = self.shops.get(grant.merchant, grant.shop).ok_or_else(denied)?;
                if shop.settings.mode != *mode {
                    return Err(denied());
                }
                if !grant.scopes.contains(scope) {
                    return Err(Denied::new(403, "scope_missing"));
                }
                self.partners.used(partner.id, grant.shop).await.map_err(Denied::internal)?;
                Ok(shop)
            }
        }
    }

    /// Every shop in which the caller may do what he came for.
    pub(crate) fn shops(&self, caller: &Caller) -> Vec<Arc<Shop>> {
        match &caller.who {
            Who::Property(shop) => vec![Arc::clone(shop)],
            Who::Partner(partner, mode, scope) => {
                let fits = |grant: &super::store::GrantRow| {
                    grant.partner == partner.id && grant.scopes.contains(scope)
                };
                let grants = self.partners.grants(fits).into_iter();
                let shops = grants.filter_map(|grant| self.shops.get(grant.merchant, grant.shop));
                shops.filter(|shop| shop.settings.mode == *mode).collect()
            }
        }
    }
}

impl Caller {
    /// How the log calls him.
    pub(crate) fn actor(&self) -> String {
        match &self.who {
            Who::Property(_) => "api".to_owned(),
            Who::Partner(partner, ..) => partner.id.to_string(),
        }
    }

    /// The partner and his day, where what he does with live cards is counted.
    pub(crate) fn counted(&self, now: Timestamp) -> Option<(PartnerId, kernel::Date)> {
        match &self.who {
            Who::Partner(partner, Mode::Live, _) => Some((partner.id, Zone::paris().date(now))),
            Who::Partner(..) | Who::Property(_) => None,
        }
    }

    /// The property, when it is its own program.
    pub(crate) fn property(&self) -> Option<&Arc<Shop>> {
        match &self.who {
            Who::Property(shop) => Some(shop),
            Who::Partner(..) => None,
        }
    }

    /// The partner, when it is one.
    pub(crate) fn partner(&self) -> Option<&Arc<PartnerRow>> {
        match &self.who {
            Who::Property(_) => None,
            Who::Partner(partner, ..) => Some(partner),
        }
    }
}

/// Which quota a call counts against.
fn rate(partner: &PartnerRow, scope: PartnerScope) -> (&'static str, Rate) {
    let quotas = &partner.about.quotas;
    let (by, calls) = match scope {
        PartnerScope::CardsWrite | PartnerScope::CardsRead | PartnerScope::CardsDelete => {
            ("cards", quotas.cards_per_minute)
        }
        PartnerScope::RevealLink | PartnerScope::Viewers => ("links", quotas.links_per_minute),
        PartnerScope::Relay | PartnerScope::Debit => ("relay", quotas.relay_per_minute),
        PartnerScope::Proxy => ("proxy", quotas.proxy_per_minute),
    };
    (by, Rate::a_minute(calls))
}

/// A partner as he is told of himself: what the operator sees.
pub(crate) fn about_himself(row: &PartnerRow) -> vault_wire::Partner {
    book::told(row)
}
