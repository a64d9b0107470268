//! The money of a contested sale.

use kernel::{ChargebackId, ContractId};

use super::*;
use crate::{CaseMove, Contested, FeePlan, Posted, capture, chargeback, fee};

/// A sale of 168.00 in custody with its fee, contested.
struct Sale {
    house: House,
    case: Contested,
}

impl Sale {
    fn open() -> Self {
        let house = House::open();
        let sale = house.sale(16_800);
        let cut = FeePlan::ONE_SHOT_PAY.fee_of(eur(16_800)).unwrap().minor();
        let cut = house.fee_of(&sale, cut);
        let stamps = [house.stamp(), house.stamp()];
        let sold = house.write(move |tx, scope| {
            let _ = capture(tx, scope, &sale, stamps[0])?;
            fee(tx, scope, &cut, stamps[1])
        });
        let _ = sold.unwrap();
        let case = Contested {
            chargeback: ChargebackId::new(house.tick(), &house.rng),
            contract: ContractId::random(&house.rng),
            settlement: sale.settlement,
            collected: sale.collected,
            amount: eur(16_800),
        };
        Self { house, case }
    }

    fn told(&self, what: CaseMove, cents: i64) -> Posted {
        let (case, at) = (Contested { amount: eur(cents), ..self.case }, self.house.stamp());
        self.house.write(move |tx, scope| chargeback(tx, scope, (&case, what), at)).unwrap()
    }

    fn opened(&self) {
        assert_eq!(self.house.wallet(), 16_478);
        assert!(matches!(self.told(CaseMove::Opened, 16_800), Posted::New(_)));
        assert!(matches!(self.told(CaseMove::Opened, 16_800), Posted::Already(_)), "once");
        assert!(matches!(self.told(CaseMove::Fee, 1_500), Posted::New(_)));
        assert_eq!(self.house.wallet(), -1_822);
        let open = Account::ChargebackOpen(self.case.contract);
        let item = self.house.item(&open, self.case.chargeback).unwrap();
        assert_eq!((item.debits, item.closed_on), (eur(16_800), None));
    }

    fn is_closed(&self) -> bool {
        let open = Account::ChargebackOpen(self.case.contract);
        self.house.item(&open, self.case.chargeback).unwrap().closed_on.is_some()
    }
}

#[test]
fn s_24_worked_example_23_a_contested_sale_that_is_won() {
    let sale = Sale::open();
    sale.opened();
    let _ = sale.told(CaseMove::Won, 16_800);
    assert_eq!(sale.house.wallet(), 14_978);
    assert!(sale.is_closed() && sale.house.verify().ok);
    assert_eq!(sale.house.balance(&Account::ChargebackFees), 1_500);
}

#[test]
fn s_24_worked_example_23_a_contested_sale_that_is_lost_then_recovered() {
    let sale = Sale::open();
    sale.opened();
    let _ = sale.told(CaseMove::Lost, 16_800);
    assert_eq!(sale.house.wallet(), -1_822);
    assert_eq!(sale.house.balance(&Account::ChargebackLoss), 16_800);
    assert!(sale.is_closed());
    let _ = sale.told(CaseMove::Recovered, 16_800);
    assert_eq!((sale.house.wallet(), sale.house.balance(&Account::ChargebackLoss)), (14_978, 0));
    assert!(sale.house.verify().ok);
}
