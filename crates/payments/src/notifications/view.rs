//! What the pages of notifications show. Typed contexts, words looked up.

use askama::Template;
use db::outbox::Event;
use http::{Page, Words};
use identity::merchants::Shop;
use identity::settings;
use kernel::{Zone, format};
use web::Form;
use web::shell::Shell;

use super::choice::Choice;
use super::deliveries::{self, Delivery, Outcome, Try};
use super::endpoints::{Endpoint, Format, State};
use super::rules::{self, PRESETS, Rule, SELECTIONS, Switch, Target};
use super::{body, mails};

/// A state in a pill: icon, colour, word.
#[derive(Debug, Clone)]
pub(super) struct Chip {
    pub(super) tone: &'static str,
    pub(super) icon: &'static str,
    pub(super) word: String,
}

fn endpoint_chip(endpoint: &Endpoint, words: &Words) -> Chip {
    let state = endpoint.state;
    if state == State::Enabled && endpoint.failing_since.is_some() {
        let word = words.say("notifications-state-troubled");
        return Chip { tone: "warn", icon: "alert", word };
    }
    let (tone, icon) = match state {
        State::Enabled => ("ok", "check"),
        State::Disabled => ("neutral", "ban"),
        State::Gone | State::Failing => ("bad", "alert"),
    };
    Chip { tone, icon, word: words.say(&format!("notifications-state-{}", state.word())) }
}

fn delivery_chip(state: deliveries::State, words: &Words) -> Chip {
    let (tone, icon) = match state {
        deliveries::State::Waiting => ("info", "wait"),
        deliveries::State::Delivered => ("ok", "check"),
        deliveries::State::Failed => ("bad", "alert"),
    };
    Chip { tone, icon, word: words.say(&format!("notifications-delivery-{}", state.word())) }
}

/// How a try ended, in words.
fn ended(outcome: Outcome, words: &Words) -> String {
    match outcome {
        Outcome::Status(status) => status.to_string(),
        other => words.say(&format!("notifications-end-{}", other.text())),
    }
}

/// An endpoint in the list.
pub(super) struct Row {
    href: String,
    url: String,
    description: String,
    shop: String,
    events: String,
    chip: Chip,
}

/// A rule that every shop starts with.
pub(super) struct PresetRow {
    action: String,
    words: String,
    hint: String,
    chip: Chip,
    button: String,
    value: &'static str,
}

/// A mail or text message that somebody asked for.
pub(super) struct OwnRow {
    action: String,
    words: String,
    to: String,
    chip: Chip,
    button: String,
    value: &'static str,
}

impl OwnRow {
    fn of(rule: &Rule, words: &Words) -> Option<Self> {
        let usual = |word: &str| words.say(&format!("notifications-to-{}", word.replace('_', "-")));
        let to = match &rule.target {
            Target::MerchantMail(Some(address)) => address.to_string(),
            Target::Sms(phone) => phone.to_string(),
            target @ (Target::MerchantMail(None) | Target::PayerMail) => usual(target.word()),
            Target::Webhook(_) => return None,
        };
        let events = events_in_words(rule, words);
        let named = rule.name.is_empty();
        let (chip, button, value) = switch_parts(rule.switch, words);
        Some(Self {
            action: format!("/parametres/webhooks/mes-regles/{}", rule.id),
            words: if named { events } else { format!("{} · {events}", rule.name) },
            to,
            chip,
            button,
            value,
        })
    }
}

/// The pill and the button of a rule that is on or off.
fn switch_parts(switch: Switch, words: &Words) -> (Chip, String, &'static str) {
    let on = switch.is_on();
    let (tone, icon, state) = if on { ("ok", "check", "on") } else { ("neutral", "ban", "off") };
    let other = if on { "off" } else { "on" };
    let chip = Chip { tone, icon, word: words.say(&format!("notifications-{state}")) };
    (chip, words.say(&format!("notifications-switch-{other}")), other)
}

/// `/parametres/webhooks`.
#[derive(Template)]
#[template(path = "notifications-list.html")]
pub(super) struct ListPage {
    pub(super) page: Page,
    pub(super) shell: Shell,
    pub(super) tabs: Vec<settings::Tab>,
    pub(super) rows: Vec<Row>,
    pub(super) presets: Vec<PresetRow>,
    pub(super) own: Vec<OwnRow>,
}

/// A shop with its endpoints and rules.
pub(super) struct ShopView {
    pub(super) shop: Shop,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) rules: Vec<Rule>,
}

impl ListPage {
    pub(super) fn of(
        page: Page,
        (shell, tabs): (Shell, Vec<settings::Tab>),
        shops: &[ShopView],
        words: &Words,
    ) -> Self {
        let several = shops.len() > 1;
        let rows = shops.iter().flat_map(|view| {
            view.endpoints.iter().map(move |endpoint| Row {
                href: format!("/parametres/webhooks/{}", endpoint.id),
                url: endpoint.url.clone(),
                description: endpoint.description.clone(),
                shop: if several { view.shop.name.clone() } else { String::new() },
                events: events_of(endpoint, &view.rules, words),
                chip: endpoint_chip(endpoint, words),
            })
        });
        let presets = shops.iter().flat_map(|view| {
            PRESETS.iter().map(move |preset| {
                let on = rules::is_on(preset, &view.rules);
                let key = format!("notifications-preset-{}", preset.key.replace('_', "-"));
                let name = if several { format!("{} · ", view.shop.name) } else { String::new() };
                let (chip, button, value) = switch_parts(Switch::stored(on.into()), words);
                PresetRow {
                    action: format!("/parametres/webhooks/regles/{}/{}", view.shop.id, preset.key),
                    words: format!("{name}{}", words.say(&key)),
                    hint: words
                        .say(&format!("notifications-to-{}", preset.target.replace('_', "-"))),
                    chip,
                    button,
                    value,
                }
            })
        });
        let own = shops.iter().flat_map(|view| &view.rules);
        let own = own.filter(|rule| rule.preset.is_none());
        let own = own.filter_map(|rule| OwnRow::of(rule, words)).collect();
        let (rows, presets) = (rows.collect(), presets.collect());
        Self { page, shell, tabs, rows, presets, own }
    }
}

/// What an endpoint is told of, in words where it is one of the usual selections.
fn events_of(endpoint: &Endpoint, rules: &[Rule], words: &Words) -> String {
    let own = rules.iter().filter(|rule| rule.target == Target::Webhook(endpoint.id));
    own.map(|rule| events_in_words(rule, words)).collect::<Vec<String>>().join(" · ")
}

/// What a rule takes, in words where it is one of the usual selections.
fn events_in_words(rule: &Rule, words: &Words) -> String {
    let parts = (rule.events.clone(), rule.condition.clone());
    match SELECTIONS.iter().find(|selection| selection.parts() == parts) {
        Some(selection) => words.say(&format!("notifications-select-{}", selection.key)),
        None => rule.events.patterns().join(", "),
    }
}

/// `/parametres/webhooks/nouveau`.
#[derive(Template)]
#[template(path = "notifications-new.html")]
pub(super) struct NewPage {
    pub(super) page: Page,
    pub(super) shell: Shell,
    pub(super) token: String,
    pub(super) form: Form,
    pub(super) shops: Vec<Choice>,
    pub(super) selections: Vec<Choice>,
    pub(super) formats: Vec<Choice>,
}

impl NewPage {
    pub(super) fn of(
        (page, shell): (Page, Shell),
        token: String,
        form: Form,
        shops: &[Shop],
        words: &Words,
    ) -> Self {
        let format = |format: Format| {
            let first = form.value("format").is_empty() && format == Format::Json;
            let key = format!("notifications-format-{}", format.word());
            let on = first || form.is("format", format.word());
            Choice { on, ..Choice::new(format.word(), words.say(&key)) }
        };
        let formats = Format::ALL.into_iter().map(format).collect();
        let (selections, shops) =
            (Choice::of_selections(words, &form), Choice::of_shops(shops, &form));
        Self { page, shell, token, form, shops, selections, formats }
    }
}

/// A delivery in the list of an endpoint.
pub(super) struct DeliveryRow {
    href: String,
    kind: String,
    object: String,
    instant: String,
    when: String,
    chip: Chip,
    ended: String,
    tries: u32,
    next: String,
}

/// A link of a filter.
pub(super) struct Tab {
    href: String,
    words: String,
    on: bool,
}

/// A note above the page.
pub(super) struct Note {
    pub(super) tone: &'static str,
    pub(super) icon: &'static str,
    pub(super) text: String,
}

/// `/parametres/webhooks/{id}`.
#[derive(Template)]
#[template(path = "notifications-endpoint.html")]
pub(super) struct EndpointPage {
    pub(super) page: Page,
    pub(super) shell: Shell,
    pub(super) here: String,
    pub(super) token: String,
    pub(super) url: String,
    pub(super) chip: Chip,
    pub(super) note: Option<Note>,
    pub(super) form: Form,
    pub(super) secret: String,
    pub(super) facts: Vec<(String, String)>,
    pub(super) is_enabled: bool,
    pub(super) tabs: Vec<Tab>,
    pub(super) rows: Vec<DeliveryRow>,
    pub(super) older: Option<String>,
}

/// What is known of an endpoint.
pub(super) struct Sheet {
    pub(super) endpoint: Endpoint,
    pub(super) shop: String,
    pub(super) rules: Vec<Rule>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) state: Option<deliveries::State>,
    pub(super) has_more: More,
}

/// Whether a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    /// There is a next page.
    Yes,
    /// This is all.
    No,
}

impl EndpointPage {
    pub(super) fn of(
        (page, shell): (Page, Shell),
        sheet: &Sheet,
        (token, form): (String, Form),
        zone: &Zone,
        words: &Words,
    ) -> Self {
        let endpoint = &sheet.endpoint;
        let here = format!("/parametres/webhooks/{}", endpoint.id);
        let say = |key: &str| words.say(key);
        let at = |at| format::date_time(at, zone, words.locale());
        let mut facts = vec![
            (say("notifications-fact-events"), events_of(endpoint, &sheet.rules, words)),
            (
                say("notifications-format"),
                say(&format!("notifications-format-{}", endpoint.format.word())),
            ),
            (say("notifications-fact-shop"), sheet.shop.clone()),
            (say("notifications-fact-since"), at(endpoint.created_at)),
            (say("notifications-fact-id"), endpoint.id.to_string()),
        ];
        if let Some((_, until)) = &endpoint.old_secret {
            facts.push((say("notifications-fact-old-secret"), at(*until)));
        }
        let stopped = match endpoint.state {
            State::Gone | State::Failing => {
                let key = format!("notifications-stopped-{}", endpoint.state.word());
                Some(Note { tone: "bad", icon: "alert", text: say(&key) })
            }
            State::Enabled | State::Disabled => None,
        };
        let is_enabled = endpoint.state == State::Enabled;
        let row = |delivery| delivery_row(delivery, zone, words, endpoint.state);
        let rows: Vec<DeliveryRow> = sheet.deliveries.iter().map(row).collect();
        let filter = sheet.state.map_or(String::new(), |s| format!("&etat={}", s.word()));
        let last = sheet.deliveries.last().filter(|_| sheet.has_more == More::Yes);
        Self {
            url: endpoint.url.clone(),
            chip: endpoint_chip(endpoint, words),
            note: stopped,
            secret: String::new(),
            is_enabled,
            tabs: tabs(&here, sheet.state, words),
            older: last.map(|last| format!("{here}?avant={}{filter}", last.id)),
            page,
            shell,
            here,
            token,
            form,
            facts,
            rows,
        }
    }
}

fn tabs(here: &str, chosen: Option<deliveries::State>, words: &Words) -> Vec<Tab> {
    let all = Tab {
        href: here.to_owned(),
        words: words.say("notifications-tab-all"),
        on: chosen.is_none(),
    };
    let one = |state: deliveries::State| Tab {
        href: format!("{here}?etat={}", state.word()),
        words: words.say(&format!("notifications-delivery-{}", state.word())),
        on: chosen == Some(state),
    };
    std::iter::once(all).chain(deliveries::State::ALL.map(one)).collect()
}

fn delivery_row(delivery: &Delivery, zone: &Zone, words: &Words, endpoint: State) -> DeliveryRow {
    let at = |at| format::date_time(at, zone, words.locale());
    let waits = delivery.state == deliveries::State::Waiting;
    let next = match () {
        () if waits && endpoint != State::Enabled => words.say("notifications-held"),
        () if waits => words.with("notifications-next", &[("at", &at(delivery.due_at))]),
        () => String::new(),
    };
    DeliveryRow {
        href: format!("/parametres/webhooks/evenements/{}", delivery.event),
        kind: mails::label(words, &delivery.kind),
        object: delivery.object.clone(),
        instant: delivery.planned_at.to_string(),
        when: at(delivery.planned_at),
        chip: delivery_chip(delivery.state, words),
        ended: delivery.outcome.map_or(String::new(), |outcome| ended(outcome, words)),
        tries: delivery.tries,
        next,
    }
}

/// A try on the page of an event.
pub(super) struct TryRow {
    title: String,
    instant: String,
    when: String,
    tone: &'static str,
    cause: String,
    took: String,
    answer: String,
}

/// A delivery on the page of an event, with its tries.
pub(super) struct DeliveryView {
    resend: String,
    href: String,
    url: String,
    chip: Chip,
    next: String,
    tries: Vec<TryRow>,
}

/// `/parametres/webhooks/evenements/{id}`.
#[derive(Template)]
#[template(path = "notifications-event.html")]
pub(super) struct EventPage {
    pub(super) page: Page,
    pub(super) shell: Shell,
    pub(super) facts: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) deliveries: Vec<DeliveryView>,
}

/// A delivery with its endpoint and tries.
pub(super) type Journey = (Delivery, Option<Endpoint>, Vec<Try>);

impl EventPage {
    pub(super) fn of(
        (page, shell): (Page, Shell),
        event: &Event,
        journeys: &[Journey],
        zone: &Zone,
        words: &Words,
    ) -> Self {
        let at = format::date_time(event.at, zone, words.locale());
        let mut facts = vec![
            (words.say("notifications-fact-kind"), event.kind.clone()),
            (words.say("notifications-fact-object"), event.object.clone()),
            (words.say("notifications-fact-at"), at),
            (words.say("notifications-fact-event"), event.id.to_string()),
        ];
        if let Some(source) = body::source(event) {
            let key = format!("notifications-source-{source}");
            let word = if words.has(&key) { words.say(&key) } else { source.to_owned() };
            facts.push((words.say("notifications-fact-source"), word));
        }
        let shown = serde_json::from_str::<serde_json::Value>(&body::of(event)).ok();
        let pretty = shown.and_then(|value| serde_json::to_string_pretty(&value).ok());
        let deliveries = journeys.iter().map(|journey| view(journey, zone, words));
        Self {
            facts,
            body: pretty.unwrap_or_default(),
            deliveries: deliveries.collect(),
            page,
            shell,
        }
    }
}

fn view((delivery, endpoint, tries): &Journey, zone: &Zone, words: &Words) -> DeliveryView {
    let state = endpoint.as_ref().map_or(State::Gone, |endpoint| endpoint.state);
    let row = delivery_row(delivery, zone, words, state);
    DeliveryView {
        resend: format!("/parametres/webhooks/remises/{}/renvoyer", delivery.id),
        href: format!("/parametres/webhooks/{}", delivery.endpoint),
        url: endpoint.as_ref().map_or(String::new(), |endpoint| endpoint.url.clone()),
        chip: row.chip,
        next: row.next,
        tries: tries.iter().map(|done| try_row(done, zone, words)).collect(),
    }
}

fn try_row(done: &Try, zone: &Zone, words: &Words) -> TryRow {
    let success = done.outcome.is_success();
    let cause = format!("notifications-cause-{}", done.outcome.cause());
    let title = [("number", done.number.to_string()), ("end", ended(done.outcome, words))];
    let title = title.each_ref().map(|(name, value)| (*name, value.as_str()));
    TryRow {
        title: words.with("notifications-try-number", &title),
        instant: done.at.to_string(),
        when: format::date_time(done.at, zone, words.locale()),
        tone: if success { "ok" } else { "bad" },
        cause: if success { String::new() } else { words.say(&cause) },
        took: words.with("notifications-took", &[("ms", &done.took_ms.to_string())]),
        answer: done.answer.clone(),
    }
}
