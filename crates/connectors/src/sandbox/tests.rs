use kernel::{Money, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::declines::{Class, Decline};
use crate::event::{Event, Kind, ScaFlow, Status, Trust};
use crate::request::{Asked, CaptureWish, Challenge, Channel, Initiator, RawRequest, Reply};
use crate::step::{CodeUse, Effect, FaultKind, Method};
use crate::{Connector as _, registry};

const BANK: &str = "http://127.0.0.3:7702";
const NOW: Timestamp = Timestamp::from_micros(1_781_514_000_000_000);

fn settings() -> Settings {
    Settings::new([(BANK_URL, BANK)])
}

fn intent() -> Intent {
    Intent {
        amount: Money::eur(10_080),
        network: Network::Cb,
        initiator: Initiator::Payer,
        channel: Channel::Ecommerce,
        chain: None,
        challenge: Challenge::NoPreference,
        capture: CaptureWish::Now,
        code: CodeUse::WithCode,
        return_url: "http://127.0.0.1:7700/p/token/3ds/retour".into(),
    }
}

fn reply(status: u16, body: &Value) -> Input {
    Input::Http(Reply { status, body: body.to_string().into_bytes() })
}

fn card_call(step: Step) -> crate::CardCall {
    match step {
        Step::CallWithCard(call) => call,
        other => panic!("a call with the card was expected, not {other:?}"),
    }
}

fn call(step: Step) -> crate::Call {
    match step {
        Step::Call(call) => call,
        other => panic!("a call was expected, not {other:?}"),
    }
}

fn done(turn: Turn) -> Event {
    match turn.step {
        Step::Done(event) => event,
        other => panic!("the end was expected, not {other:?}"),
    }
}

fn begin(intent: &Intent) -> crate::CardCall {
    card_call(Sandbox.begin(&settings(), intent, "op_1"))
}

fn next(state: &FlowState, input: &Input, reference: &str) -> Turn {
    Sandbox.resume(&settings(), state, input, reference)
}

fn authenticated(result: &str) -> Input {
    reply(201, &json!({ "id": "au1", "result": result, "eci": "05" }))
}

fn challenged() -> Input {
    let url = format!("{BANK}/3ds/au1");
    reply(201, &json!({ "id": "au1", "result": "C", "challenge_url": url }))
}

fn answered(code: &str) -> Input {
    let outcome = if code == "00" { "approved" } else { "declined" };
    let body = json!({ "id": "b1", "outcome": outcome, "code": code, "network": "cb",
        "authorisation": "a1", "chain": "c1", "amount": 10_080 });
    reply(201, &body)
}

#[test]
fn frictionless_payment_is_authenticated_then_captured_in_one_step() {
    let first = begin(&intent());
    assert_eq!(first.template, TEMPLATE_AUTHENTICATE);
    assert_eq!((first.code, first.code_later), (CodeUse::WithoutCode, CodeUse::WithCode));
    let without = begin(&Intent { code: CodeUse::WithoutCode, ..intent() });
    assert_eq!(without.code_later, CodeUse::WithoutCode);
    assert_eq!(first.sending.effect, Effect::Harmless);
    assert_eq!(first.args["challenge"], "none");

    let turn = next(&first.state, &authenticated("Y"), "op_2");
    let sca = turn.closes.unwrap();
    assert_eq!((sca.about, sca.status), (Kind::Authenticate, Status::Authorised));
    assert_eq!(sca.sca.unwrap().flow, ScaFlow::Frictionless);
    let second = card_call(turn.step);
    assert_eq!(second.code, CodeUse::WithCode);
    assert_eq!(second.sending.effect, Effect::MovesMoney);
    assert_eq!(second.sending.reference, "op_2");
    assert_eq!(second.args["authentication"], "au1");
    assert_eq!(second.args["capture"], "now");

    let event = done(next(&second.state, &answered("00"), "op_3"));
    assert_eq!((event.about, event.status), (Kind::Authorise, Status::Captured));
    assert_eq!(event.amount, Some(Money::eur(10_080)));
    assert_eq!(event.refs.chain.as_deref(), Some("c1"));
}

#[test]
fn a_later_capture_leaves_the_authorisation_open() {
    let later = Intent { capture: CaptureWish::Later, ..intent() };
    let second = card_call(next(&begin(&later).state, &authenticated("A"), "op_2").step);
    assert_eq!(second.args["capture"], "later");
    let event = done(next(&second.state, &answered("00"), "op_3"));
    assert_eq!(event.status, Status::Authorised);
}

#[test]
fn c_17_the_return_of_the_browser_is_only_a_hint() {
    let turn = next(&begin(&intent()).state, &challenged(), "op_2");
    assert_eq!(turn.closes.unwrap().status, Status::ActionRequired);
    let Step::Redirect { url, state } = turn.step else { panic!("the bank's page") };
    assert_eq!(url, format!("{BANK}/3ds/au1"));

    let ask = call(next(&state, &Input::Return(RawRequest::default()), "op_2").step);
    assert_eq!(ask.request.method, Method::Get);
    assert_eq!(ask.request.url, format!("{BANK}/api/authentications/au1"));
    assert_eq!(ask.sending.effect, Effect::Harmless);
    // Not decided: the payer goes back to the bank's page; so does he if the bank is silent.
    for input in [challenged(), Input::Timeout, reply(500, &json!({}))] {
        let turn = next(&ask.state, &input, "op_2");
        assert_eq!(turn.closes, None);
        assert!(matches!(turn.step, Step::Redirect { .. }), "{turn:?}");
    }
    let after = next(&ask.state, &authenticated("Y"), "op_2");
    assert_eq!(card_call(after.step).sending.kind, Kind::Authorise);
}

#[test]
fn p_80_a_failed_authentication_is_never_authorised() {
    let outcomes = [
        ("N", Decline::ThreedsFailed),
        ("cancelled", Decline::ThreedsFailed),
        ("R", Decline::ThreedsRejected),
        ("timeout", Decline::ThreedsTimeout),
    ];
    for (result, decline) in outcomes {
        let event = done(next(&begin(&intent()).state, &authenticated(result), "op_2"));
        assert_eq!((event.about, event.status), (Kind::Authenticate, Status::Refused));
        assert_eq!(event.decline, Some(decline), "{result}");
    }
    let lost = done(next(&begin(&intent()).state, &Input::Timeout, "op_2"));
    assert_eq!(lost.decline, Some(Decline::ThreedsTimeout));
    for result in ["U", "not_enrolled"] {
        let turn = next(&begin(&intent()).state, &authenticated(result), "op_2");
        assert_eq!(card_call(turn.step).sending.kind, Kind::Authorise, "{result}");
    }
}

#[test]
fn p_84_one_soft_decline_is_replayed_with_a_mandated_challenge_and_no_code() {
    let authorise = card_call(next(&begin(&intent()).state, &authenticated("Y"), "op_2").step);
    let turn = next(&authorise.state, &answered("81"), "op_3");
    let soft = turn.closes.unwrap();
    assert_eq!(soft.decline, Some(Decline::AuthenticationRequired));
    assert_eq!(soft.decline.map(Decline::class), Some(Class::ScaRequired));
    let again = card_call(turn.step);
    assert_eq!(again.args["challenge"], "mandate");

    let Step::Redirect { state, .. } = next(&again.state, &challenged(), "op_4").step else {
        panic!("a challenge")
    };
    let ask = call(next(&state, &Input::Poll, "op_4").step);
    let replay = card_call(next(&ask.state, &authenticated("Y"), "op_4").step);
    assert_eq!(replay.code, CodeUse::WithoutCode);
    assert_eq!(done(next(&replay.state, &answered("00"), "op_5")).status, Status::Captured);
    let second = done(next(&replay.state, &answered("81"), "op_5"));
    assert_eq!(second.status, Status::Refused);
}

#[test]
fn c_11_a_lost_or_unreadable_answer_about_money_is_unknown() {
    let authorise = card_call(next(&begin(&intent()).state, &authenticated("Y"), "op_2").step);
    let cut = Input::Http(Reply { status: 201, body: b"{\"id\":\"b1\",\"outc".to_vec() });
    let other_amount = json!({ "id": "b", "outcome": "approved", "code": "00", "amount": 1 });
    for input in [Input::Timeout, cut, reply(502, &json!({})), reply(201, &other_amount)] {
        let event = done(next(&authorise.state, &input, "op_3"));
        assert_eq!(event.status, Status::Unknown, "{input:?}");
    }
    assert_eq!(done(next(&authorise.state, &answered("94"), "op_3")).status, Status::Unknown);
    let refused = done(next(&authorise.state, &reply(422, &json!({})), "op_3"));
    assert_eq!(refused.decline, Some(Decline::BadMessage));
}

#[test]
fn merchant_initiated_cites_the_chain_and_sends_no_code() {
    let merchant = Intent { initiator: Initiator::Merchant, chain: Some("c1".into()), ..intent() };
    let only = begin(&merchant);
    assert_eq!((only.template, only.code), (TEMPLATE_AUTHORISE, CodeUse::WithoutCode));
    assert_eq!((&only.args["initiator"], &only.args["chain"]), (&json!("merchant"), &json!("c1")));
    let soft = done(next(&only.state, &answered("81"), "op_2"));
    assert_eq!(soft.decline, Some(Decline::AuthenticationRequired));
    let orphan = Intent { chain: None, ..merchant };
    assert!(matches!(Sandbox.begin(&settings(), &orphan, "op_1"), Step::Fault(_)));
}

#[test]
fn v_44_an_account_check_sends_no_code_unless_the_intent_says_so() {
    let check = |code| Intent {
        amount: Money::eur(0),
        channel: Channel::Moto,
        challenge: Challenge::Off,
        capture: CaptureWish::Later,
        code,
        ..intent()
    };
    let call = begin(&check(CodeUse::WithoutCode));
    assert_eq!((call.template, call.code), (TEMPLATE_AUTHORISE, CodeUse::WithoutCode));
    assert_eq!((&call.args["amount"], &call.args["capture"]), (&json!(0), &json!("later")));
    assert_eq!(begin(&check(CodeUse::WithCode)).code, CodeUse::WithCode);
    let body = json!({ "id": "b1", "outcome": "approved", "code": "00", "amount": 0 });
    let good = done(next(&call.state, &reply(201, &body), "op_2"));
    assert_eq!(good.status, Status::Authorised);
    let declined =
        json!({ "id": "b2", "outcome": "declined", "code": "81", "amount": 0, "network": "cb" });
    let wants = done(next(&call.state, &reply(201, &declined), "op_2"));
    assert_eq!(wants.decline, Some(Decline::AuthenticationRequired), "nobody is there to be asked");
}

#[test]
fn a_challenge_page_of_another_host_is_refused() {
    let body = json!({ "id": "au1", "result": "C", "challenge_url": "http://127.0.0.3:77029/x" });
    let event = done(next(&begin(&intent()).state, &reply(201, &body), "op_2"));
    assert_eq!(event.decline, Some(Decline::ThreedsUnavailable));
}

fn query(answer: &Input) -> Event {
    let asked = Asked::Query { kind: Kind::Authorise, age_seconds: 5 };
    let op = Op { reference: "op_2".into(), asked, at: NOW };
    let step = call(Sandbox.operate(&settings(), &Refs::default(), &op));
    assert_eq!(step.request.url, format!("{BANK}/api/operations?ref=op_2&kind=authorise&age=5"));
    done(next(&step.state, answer, "op_9"))
}

#[test]
fn p_17_a_query_settles_what_is_unknown() {
    let body = |state: &str, code: &str, captured: i64| {
        let body = json!({ "id": "b1", "ref": "op_2", "kind": "authorise", "amount": 10_080,
            "currency": "EUR", "state": state, "code": code, "captured": captured,
            "authorisation": "a1", "chain": "c1", "network": "cb", "at": "2026-11-23T09:00:00Z" });
        reply(200, &body)
    };
    assert_eq!(query(&body("approved", "00", 10_080)).status, Status::Captured);
    assert_eq!(query(&body("approved", "00", 0)).status, Status::Authorised);
    let declined = query(&body("declined", "51", 0));
    assert_eq!(declined.decline, Some(Decline::InsufficientFunds));
    assert_eq!(query(&body("pending", "", 0)).status, Status::Pending);
    assert_eq!(query(&reply(404, &json!({}))).status, Status::NotFound);
    assert_eq!(query(&Input::Timeout).status, Status::Unknown);
}

#[test]
fn operations_cite_the_authorisation() {
    let refs = Refs { authorisation: Some("a1".into()), ..Refs::default() };
    let op = |asked| Op { reference: "op_7".into(), asked, at: NOW };
    let refund = call(Sandbox.operate(&settings(), &refs, &op(Asked::Refund(Money::eur(500)))));
    assert_eq!(refund.sending.effect, Effect::MovesMoney);
    let expected = json!({ "ref": "op_7", "authorisation": "a1", "amount": 500,
        "currency": "EUR", "local_time": NOW });
    assert_eq!(refund.request.body, Some(expected));
    let body = |code: &str, outcome: &str| {
        reply(201, &json!({ "id": "b9", "outcome": outcome, "code": code, "amount": 500 }))
    };
    let ok = done(next(&refund.state, &body("00", "approved"), "op_8"));
    assert_eq!((ok.status, ok.amount), (Status::Refunded, Some(Money::eur(500))));
    let no = done(next(&refund.state, &body("57", "declined"), "op_8"));
    assert_eq!((no.status, no.decline), (Status::RefundRefused, Some(Decline::NotPermitted)));
    let missing = Sandbox.operate(&settings(), &Refs::default(), &op(Asked::Void));
    assert!(matches!(missing, Step::Fault(f) if f.kind == FaultKind::Unexpected));
    let void = call(Sandbox.operate(&settings(), &refs, &op(Asked::Void)));
    assert_eq!(done(next(&void.state, &body("00", "approved"), "op_8")).status, Status::Voided);
}

#[test]
fn c_115_a_check_names_the_wrong_field() {
    let step = call(Sandbox.check(&settings()));
    assert_eq!(step.sending.effect, Effect::Harmless);
    let wrong = next(&step.state, &Input::Timeout, "op_1").step;
    assert!(matches!(wrong, Step::Fault(f) if f.field == Some(BANK_URL)));
    let unset = Sandbox.check(&Settings::default());
    assert!(matches!(unset, Step::Fault(f) if f.kind == FaultKind::Config));
}

#[test]
fn families_are_found_by_name() {
    let sandbox = registry::find(FAMILY).unwrap();
    let caps = sandbox.caps(&settings());
    assert_eq!(caps.minimum(kernel::Currency::EUR), Money::eur(100));
    assert!(caps.takes("JPY".parse().unwrap()) && !caps.takes("USD".parse().unwrap()));
    assert!(registry::find("nobody").is_none());
}

fn states() -> impl Strategy<Value = FlowState> {
    let authenticating = begin(&intent()).state;
    let authorising = card_call(next(&authenticating, &authenticated("Y"), "op_2").step).state;
    let Step::Redirect { state: challenged, .. } = next(&authenticating, &challenged(), "o").step
    else {
        panic!("a challenge")
    };
    let asking = call(next(&challenged, &Input::Poll, "op_2").step).state;
    prop_oneof![
        Just(authenticating),
        Just(authorising),
        Just(challenged),
        Just(asking),
        "\\PC{0,40}".prop_map(FlowState),
    ]
}

proptest! {
    #[test]
    fn c_01_same_in_same_out_and_no_bytes_make_it_panic(
        state in states(),
        status in 100_u16..600,
        body in proptest::collection::vec(any::<u8>(), 0..300),
        reference in "\\PC{0,50}",
    ) {
        let input = Input::Http(Reply { status, body });
        prop_assert_eq!(next(&state, &input, &reference), next(&state, &input, &reference));
        prop_assert_eq!(
            Sandbox.begin(&settings(), &intent(), &reference),
            Sandbox.begin(&settings(), &intent(), &reference)
        );
    }

    #[test]
    fn c_11_money_is_never_sent_twice_under_one_reference(
        codes in proptest::collection::vec(
            prop_oneof![Just("81"), Just("00"), Just("51")], 0..6),
    ) {
        // However often the bank asks for authentication, two authorisations are the most.
        let mut step = Sandbox.begin(&settings(), &intent(), "op_0");
        let mut sent = 0;
        for (n, code) in codes.iter().enumerate() {
            let Step::CallWithCard(call) = &step else { break };
            let reference = format!("op_{}", n + 1);
            step = if call.template == TEMPLATE_AUTHORISE {
                sent += 1;
                next(&call.state, &answered(code), &reference).step
            } else {
                next(&call.state, &authenticated("Y"), &reference).step
            };
        }
        prop_assert!(sent <= 2);
    }
}

/// A sealed message of the bank, as it stands on the wire.
fn sealed(key: &str, body: &Value) -> RawRequest {
    let body = body.to_string().into_bytes();
    let bytes: Vec<u8> = (0..key.len() / 2)
        .map(|at| u8::from_str_radix(&key[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &bytes);
    let seal = aws_lc_rs::hmac::sign(&key, &body);
    let seal: String = seal.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let headers = vec![(notice::SEAL_HEADER.to_owned(), seal)];
    RawRequest { headers, query: String::new(), body }
}

fn told(settings: &Settings, request: &RawRequest) -> Step {
    let state = FlowState::default();
    Sandbox.resume(settings, &state, &Input::Notify(request.clone()), "").step
}

#[test]
fn c_08_a_notification_gives_its_event_and_the_ack_that_may_follow_the_commit() {
    let key = "0b".repeat(32);
    let settings = Settings::new([(NOTIFY_KEY, key.clone())]);
    let body = json!({
        "event": "evt_1", "id": "bnk_1", "ref": "op_1", "kind": "authorise", "amount": 3_420,
        "currency": "EUR", "state": "approved", "code": "00", "authorisation": "A1",
        "chain": "c", "network": "cb", "captured": 3_420,
    });
    let request = sealed(&key, &body);
    assert_eq!(Sandbox.locate(&request).as_deref(), Some("op_1"));
    let Step::Settle { events, ack } = told(&settings, &request) else { panic!("not taken") };
    assert_eq!((ack.status, ack.body.as_slice()), (200, b"received\n".as_slice()));
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!((event.status, event.trust), (Status::Captured, Trust::Signed));
    assert_eq!(event.key.as_deref(), Some("evt_1"));
    assert_eq!(event.amount, Some(Money::eur(3_420)));
}

#[test]
fn s_82_a_contested_sale_is_told_with_its_case() {
    let key = "0b".repeat(32);
    let settings = Settings::new([(NOTIFY_KEY, key.clone())]);
    let mut body = json!({
        "event": "evt_1", "case": "CBK-1", "ref": "op_1", "kind": "chargeback", "state": "opened",
        "amount": 16_800, "currency": "EUR", "network": "visa",
        "reason": {"code": "10.4", "family": "fraud"}, "fee": 1_500, "respond_by": "2026-08-16",
    });
    let Step::Settle { events, .. } = told(&settings, &sealed(&key, &body)) else { panic!() };
    let case = events[0].case.as_ref().unwrap();
    assert_eq!((case.number.as_str(), case.network.as_str()), ("CBK-1", "visa"));
    assert_eq!((case.stage, case.fee), (crate::CaseStage::Opened, Some(Money::eur(1_500))));
    assert_eq!(case.respond_by, "2026-08-16".parse().ok());
    assert_eq!((events[0].about, events[0].amount), (Kind::Chargeback, Some(Money::eur(16_800))));
    for (name, wrong) in
        [("case", json!(" ")), ("respond_by", json!("soon")), ("state", json!("x"))]
    {
        let right = std::mem::replace(&mut body[name], wrong);
        assert!(matches!(told(&settings, &sealed(&key, &body)), Step::Fault(_)), "{name}");
        body[name] = right;
    }
}

#[test]
fn c_08_nothing_is_believed_without_the_right_seal() {
    let key = "0b".repeat(32);
    let settings = Settings::new([(NOTIFY_KEY, key.clone())]);
    let body = json!({
        "event": "evt_1", "id": "aut_1", "ref": "op_1", "kind": "authenticate", "result": "Y",
    });
    let good = sealed(&key, &body);
    assert!(matches!(told(&settings, &good), Step::Settle { .. }));
    let mut changed = good.clone();
    changed.body.push(b' ');
    let unsealed = RawRequest { headers: Vec::new(), ..good.clone() };
    let foreign = sealed(&"0c".repeat(32), &body);
    for (settings, request) in [
        (&settings, &changed),
        (&settings, &unsealed),
        (&settings, &foreign),
        (&Settings::default(), &good),
    ] {
        let step = told(settings, request);
        assert!(
            matches!(&step, Step::Fault(fault) if fault.kind == FaultKind::BadSeal),
            "{step:?}"
        );
    }
}

proptest! {
    #[test]
    fn c_01_a_sealed_message_of_any_bytes_never_breaks_the_codec(
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let settings = Settings::new([(NOTIFY_KEY, "0b".repeat(32))]);
        let request = RawRequest { headers: Vec::new(), query: String::new(), body };
        prop_assert!(matches!(told(&settings, &request), Step::Fault(_)));
        let _ = Sandbox.locate(&request);
    }
}
