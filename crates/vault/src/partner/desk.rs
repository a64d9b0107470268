//! An application comes in; the operator decides about it, and makes and ends keys.

use kernel::{Id, Mode, PartnerId, Problem, Rng, Timestamp, Zone};
use serde_json::json;
use vault_wire::{
    Partner, PartnerApplication, PartnerDecide, PartnerDecision, PartnerGet, PartnerKeyEnd,
    PartnerKeyMade, PartnerKeyMake, PartnerState, Partners as Listed, Refused,
};

use super::apply;
use super::book::{Partners, told};
use super::networks::{self, counts_for};
use super::store::{About, KeyRow, PartnerRow};
use crate::capture::not_found;
use crate::keys::bytes::sha256;

const KEY_DAYS: i64 = 365;
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Keys of a mode that work at the same time.
const MOST_KEYS: usize = 2;
/// After a refusal, a new application of the same company waits.
const AGAIN_DAYS: i64 = 30;
const REASON_CHARACTERS: std::ops::RangeInclusive<usize> = 3..=500;

/// An application that was taken.
pub(crate) struct Applied {
    pub(crate) id: PartnerId,
    /// The test key, this once.
    pub(crate) test_key: String,
    pub(crate) expires_at: Timestamp,
}

impl Partners {
    /// Takes an application: with a test key at once.
    pub(crate) async fn apply(&self, application: PartnerApplication) -> Result<Applied, Problem> {
        let now = self.clock.now();
        let faults = apply::faults(&application, Zone::paris().date(now));
        if let Some(first) = faults.first() {
            let has_number = first.code == "pan_in_wrong_field";
            let code = if has_number { "pan_in_wrong_field" } else { "invalid_field" };
            let mut problem = Problem::new(422, code, first.message.clone());
            problem.errors = faults;
            return Err(problem);
        }
        if self.refused_lately(&application, now) {
            let why = "The last application was refused; a new one may come after 30 days.";
            return Err(Problem::new(409, "application_too_soon", why));
        }
        let (text, key) = new_key(&*self.rng, Mode::Test, now);
        let (id, expires_at) = (PartnerId::random(&*self.rng), key.expires_at);
        let about = About {
            quotas: vault_wire::PartnerQuotas::default(),
            ips: application.ips.clone(),
            waiting: Vec::new(),
            because: None,
            decided_at: None,
            application,
        };
        let state = PartnerState::Submitted;
        let row = PartnerRow { id, state, about, submitted_at: now, keys: vec![key] };
        self.add(row).await.map_err(|_| Problem::internal())?;
        Ok(Applied { id, test_key: text, expires_at })
    }

    fn refused_lately(&self, new: &PartnerApplication, now: Timestamp) -> bool {
        let same = |row: &PartnerRow| {
            let old = &row.about.application;
            (old.siren.is_some() && old.siren == new.siren)
                || (old.vat.is_some() && old.vat == new.vat)
        };
        let lately = |row: &PartnerRow| {
            let at = row.about.decided_at;
            at.is_some_and(|at| now < at.plus_seconds(AGAIN_DAYS * DAY_SECONDS))
        };
        let refused = |row: &PartnerRow| row.state == PartnerState::Refused;
        self.everybody().iter().any(|row| refused(row) && same(row) && lately(row))
    }

    /// Everybody, for the operator.
    pub(crate) fn list(&self) -> Listed {
        Listed { partners: self.everybody().iter().map(|row| told(row)).collect() }
    }

    /// One of them.
    pub(crate) fn show(&self, request: &PartnerGet) -> Result<Partner, Refused> {
        self.get(request.partner).map(|row| told(&row)).ok_or_else(not_found)
    }

    /// The operator decides.
    pub(crate) async fn decide(&self, request: PartnerDecide) -> Result<Partner, Refused> {
        let PartnerDecide { partner, decision, by } = request;
        let event = event_of(&decision);
        let row =
            self.change(partner, (event, &by), |row, now| decided(row, decision, now)).await?;
        Ok(told(&row))
    }

    /// Makes a key, which is told this once.
    pub(crate) async fn make_key(
        &self,
        request: PartnerKeyMake,
    ) -> Result<PartnerKeyMade, Refused> {
        let PartnerKeyMake { partner, mode, by } = request;
        let (text, key) = new_key(&*self.rng, mode, self.clock.now());
        let made = PartnerKeyMade { id: key.id, key: text, expires_at: key.expires_at };
        let add = |row: &mut PartnerRow, now: Timestamp| {
            let fits = match mode {
                Mode::Live => matches!(row.state, PartnerState::Approved | PartnerState::Active),
                Mode::Test => !matches!(row.state, PartnerState::Refused | PartnerState::Revoked),
            };
            if !fits {
                return Err(wrong_state(row));
            }
            let works = row.keys.iter().filter(|key| key.mode == mode && key.works(now)).count();
            if works >= MOST_KEYS {
                return Err(Refused::new("key_limit", "Two keys work already; end one of them."));
            }
            if mode == Mode::Live {
                row.state = PartnerState::Active;
            }
            let id = key.id;
            row.keys.push(key);
            Ok(json!({ "key": id, "mode": mode }))
        };
        self.change(partner, ("partner.key_made", &by), add).await?;
        Ok(made)
    }

    /// Ends a key at once.
    pub(crate) async fn end_key(&self, request: PartnerKeyEnd) -> Result<Partner, Refused> {
        let PartnerKeyEnd { partner, key: id, by } = request;
        let end = |row: &mut PartnerRow, now: Timestamp| {
            let key = row.keys.iter_mut().find(|key| key.id == id).ok_or_else(not_found)?;
            key.ended_at.get_or_insert(now);
            Ok(json!({ "key": id }))
        };
        Ok(told(&*self.change(partner, ("partner.key_ended", &by), end).await?))
    }

    /// Other networks: those taken away stop at once, new ones wait for contact and operator.
    pub(crate) async fn ask_networks(
        &self,
        partner: PartnerId,
        wanted: Vec<String>,
    ) -> Result<Partner, Refused> {
        if let Some((path, why)) = networks::faults(&wanted).next() {
            return Err(Refused::new("invalid_field", why).at(path));
        }
        let row = self.get(partner).ok_or_else(not_found)?;
        if parted(&row.about, &wanted) == (row.about.ips.clone(), row.about.waiting.clone()) {
            return Ok(told(&row));
        }
        let by = partner.to_string();
        let ask = |row: &mut PartnerRow, _now: Timestamp| {
            let about = &mut row.about;
            (about.ips, about.waiting) = parted(about, &wanted);
            Ok(json!({ "networks": about.ips, "waiting": about.waiting }))
        };
        Ok(told(&*self.change(partner, ("partner.networks_asked", &by), ask).await?))
    }
}

/// Of wanted networks, those that count already and those that have to wait.
fn parted(about: &About, wanted: &[String]) -> (Vec<String>, Vec<String>) {
    let known = about.ips.iter().filter(|network| wanted.contains(network)).cloned().collect();
    let mut new: Vec<String> = Vec::new();
    for network in wanted {
        if !about.ips.contains(network) && !new.contains(network) {
            new.push(network.clone());
        }
    }
    (known, new)
}

fn event_of(decision: &PartnerDecision) -> &'static str {
    match decision {
        PartnerDecision::Review => "partner.in_review",
        PartnerDecision::Approve { .. } => "partner.approved",
        PartnerDecision::Refuse { .. } => "partner.refused",
        PartnerDecision::Suspend { .. } => "partner.suspended",
        PartnerDecision::Resume => "partner.resumed",
        PartnerDecision::Revoke { .. } => "partner.revoked",
        PartnerDecision::ApproveNetworks { .. } => "partner.networks_approved",
    }
}

fn wrong_state(row: &PartnerRow) -> Refused {
    let why = format!("The partner is {}.", row.state.as_str());
    Refused::new("partner_state", why)
}

/// The partner after a decision, with what the log tells of it.
fn decided(
    row: &mut PartnerRow,
    decision: PartnerDecision,
    now: Timestamp,
) -> Result<serde_json::Value, Refused> {
    use PartnerState as S;
    let mut because = None;
    let next = match (&decision, row.state) {
        (PartnerDecision::Review, S::Submitted) => S::InReview,
        (PartnerDecision::Approve { quotas }, S::Submitted | S::InReview) => {
            if !row.about.ips.iter().any(|network| counts_for(network, Mode::Live)) {
                let why = "None of the networks is public: no live call could come from them.";
                return Err(Refused::new("ip_reserved", why).at("$.ips"));
            }
            row.about.quotas = quotas.unwrap_or_default();
            S::Approved
        }
        (PartnerDecision::Refuse { code }, S::Submitted | S::InReview) => {
            because = Some(code.as_str().to_owned());
            S::Refused
        }
        (PartnerDecision::Suspend { reason }, S::Approved | S::Active) => {
            because = Some(told_reason(reason)?);
            S::Suspended
        }
        (PartnerDecision::Resume, S::Suspended) => S::Active,
        (PartnerDecision::Revoke { reason }, state) if state != S::Revoked => {
            because = Some(told_reason(reason)?);
            S::Revoked
        }
        (PartnerDecision::ApproveNetworks { confirmed_by, networks }, state) => {
            if *confirmed_by != row.about.application.security_contact.email {
                let why = "The security contact has to say that the networks are his.";
                return Err(Refused::new("invalid_field", why).at("$.confirmed_by"));
            }
            if !same_networks(networks, &row.about.waiting) {
                let why = "Other networks wait by now; look at them again.";
                return Err(Refused::new("precondition_failed", why).at("$.networks"));
            }
            let waiting = std::mem::take(&mut row.about.waiting);
            row.about.ips.extend(waiting);
            state
        }
        _ => return Err(wrong_state(row)),
    };
    if next == S::Revoked {
        row.keys.iter_mut().for_each(|key| {
            key.ended_at.get_or_insert(now);
        });
    }
    if next != row.state {
        row.about.because.clone_from(&because);
        row.about.decided_at = Some(now);
    }
    row.state = next;
    Ok(json!({ "decision": decision }))
}

/// Whether both are the same, in any order.
fn same_networks(seen: &[String], waiting: &[String]) -> bool {
    let sorted = |networks: &[String]| {
        let mut networks = networks.to_vec();
        networks.sort_unstable();
        networks
    };
    sorted(seen) == sorted(waiting)
}

fn told_reason(reason: &str) -> Result<String, Refused> {
    let reason = reason.trim();
    if REASON_CHARACTERS.contains(&reason.chars().count()) {
        return Ok(reason.to_owned());
    }
    Err(Refused::new("reason_too_short", "A reason of 3 to 500 characters.").at("$.reason"))
}

/// A key with 256 random bits, and what is kept of it.
fn new_key(rng: &dyn Rng, mode: Mode, now: Timestamp) -> (String, KeyRow) {
    let text = format!("vk_{}_{}{}", mode.as_str(), Id::random(rng).text(), Id::random(rng).text());
    let key = KeyRow {
        id: Id::random(rng),
        hash: sha256(text.as_bytes()),
        mode,
        created_at: now,
        expires_at: now.plus_seconds(KEY_DAYS * DAY_SECONDS),
        ended_at: None,
    };
    (text, key)
}
