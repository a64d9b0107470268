//! Typed contexts of the people's pages.

use askama::Template;
use http::{Page, Words};
use kernel::{Money, Right, format};
use web::shell::Shell;
use web::{Context, Form, forms};

use super::Manager;
use crate::extract::pages::role_label;
use crate::settings::{PEOPLE, Tab, tabs};
use crate::users::model::Assignment;
use crate::users::people::{Member, obstacle};

/// A role to choose.
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) label: String,
}

/// A person of the list.
struct Row {
    href: String,
    name: String,
    email: String,
    role: String,
    more: String,
    active: bool,
}

#[derive(Template)]
#[template(path = "users/templates/people.html")]
pub(super) struct PeoplePage {
    page: Page,
    shell: Shell,
    tabs: Vec<Tab>,
    form: Form,
    token: String,
    rows: Vec<Row>,
    roles: Vec<Choice>,
}

impl PeoplePage {
    pub(super) fn of(
        ctx: &Context,
        staff: &Manager,
        (members, roles): (&[Member], &[String]),
        form: Form,
    ) -> Self {
        let page = staff.page(ctx, staff.words.say("settings-people"));
        Self {
            page: form.mark(page),
            shell: staff.shell.clone(),
            tabs: tabs(&staff.words, &staff.scope, PEOPLE),
            form,
            token: forms::new_token(ctx.rng.as_ref()),
            rows: members.iter().map(|member| row(staff, member)).collect(),
            roles: choices(&staff.words, roles),
        }
    }
}

fn row(staff: &Manager, member: &Member) -> Row {
    let words = &staff.words;
    let labels: Vec<String> =
        member.assignments.iter().map(|given| role_label(words, &given.role)).collect();
    Row {
        href: format!("{PEOPLE}/{}", member.user.id),
        name: member.user.name.clone(),
        email: member.user.email.to_string(),
        role: if labels.is_empty() { words.say("people-no-role") } else { labels.join(", ") },
        more: more(staff, &member.assignments),
        active: member.user.disabled_at.is_none(),
    }
}

/// Rights by name and ceilings, in words.
fn more(staff: &Manager, assignments: &[Assignment]) -> String {
    let words = &staff.words;
    let currency = staff.merchant.currency;
    let extra = assignments.iter().flat_map(|given| &given.extra).map(|right| {
        let label = crate::extract::pages::right_label(words, *right);
        words.with("people-extra", &[("right", &label)])
    });
    let ceilings = assignments.iter().flat_map(|given| &given.ceilings).map(|(right, most)| {
        let label = crate::extract::pages::right_label(words, *right);
        let most = format::money(Money::new(*most, currency), words.locale());
        words.with("people-up-to", &[("right", &label), ("amount", &most)])
    });
    extra.chain(ceilings).collect::<Vec<String>>().join(" · ")
}

pub(super) fn choices(words: &Words, roles: &[String]) -> Vec<Choice> {
    let choice = |name: &String| Choice { name: name.clone(), label: role_label(words, name) };
    roles.iter().map(choice).collect()
}

/// The one page that shows a link.
#[derive(Template)]
#[template(path = "users/templates/sent.html")]
pub(super) struct SentPage {
    page: Page,
    shell: Shell,
    tabs: Vec<Tab>,
    text: String,
    link: String,
}

impl SentPage {
    pub(super) fn of(ctx: &Context, staff: &Manager, (to, link): (&str, String)) -> Self {
        Self {
            page: staff.page(ctx, staff.words.say("people-sent-title")),
            shell: staff.shell.clone(),
            tabs: tabs(&staff.words, &staff.scope, PEOPLE),
            text: staff.words.with("people-sent", &[("email", to)]),
            link,
        }
    }
}

#[derive(Template)]
#[template(path = "users/templates/person.html")]
pub(super) struct PersonPage {
    page: Page,
    shell: Shell,
    tabs: Vec<Tab>,
    form: Form,
    notice: String,
    base: String,
    email: String,
    role: String,
    more: String,
    obstacle: String,
    disabled: String,
    roles: Vec<Choice>,
    has_reveal: bool,
}

impl PersonPage {
    pub(super) fn of(
        ctx: &Context,
        staff: &Manager,
        (member, roles): (&Member, &[String]),
        (form, notice): (Form, String),
    ) -> Self {
        let words = &staff.words;
        let row = row(staff, member);
        let zone = &staff.merchant.zone;
        let page = staff.page(ctx, member.user.name.clone());
        let since = |at| format::date_time(at, zone, words.locale());
        let why = obstacle(&staff.scope, staff.user.id, member);
        Self {
            page: form.mark(page),
            shell: staff.shell.clone(),
            tabs: tabs(words, &staff.scope, PEOPLE),
            form,
            notice,
            base: row.href,
            email: row.email,
            role: row.role,
            more: row.more,
            obstacle: why.map(|key| words.say(key)).unwrap_or_default(),
            disabled: member.user.disabled_at.map(since).unwrap_or_default(),
            roles: choices(words, roles),
            has_reveal: member.assignments.iter().any(|g| g.extra.contains(&Right::CardReveal)),
        }
    }
}

#[derive(Template)]
#[template(path = "users/templates/remove.html")]
pub(super) struct RemovePage {
    pub(super) page: Page,
    pub(super) shell: Shell,
    pub(super) action: String,
    pub(super) back: String,
    pub(super) text: String,
}
