//! The actions of the cash desk, each with the right it needs.

use identity::extract::Staff;
use identity::extract::needs::{
    Need, PaymentsCancel, PaymentsCapture, PaymentsRefund, PaymentsValidate,
};
use kernel::Right;

use crate::payment::rules::Action;

/// An action with the right it needs.
pub(crate) trait Act: Send + Sync + 'static {
    type Right: Need;
    const ACTION: Action;

    /// The most the person may move in one operation of this kind, in minor units.
    fn ceiling(staff: &Staff<Self::Right>) -> Option<i64> {
        match Self::ACTION {
            Action::Refund | Action::Record => staff.ceiling(Right::PaymentsRefund),
            Action::Capture | Action::Cancel | Action::Validate => None,
        }
    }
}

/// Declares the type of an action.
macro_rules! acts {
    ($($name:ident needs $right:ident),+ $(,)?) => {$(
        #[derive(Debug)]
        pub(crate) struct $name;
        impl Act for $name {
            type Right = $right;
            const ACTION: Action = Action::$name;
        }
    )+};
}

acts! {
    Capture needs PaymentsCapture,
    Refund needs PaymentsRefund,
    Record needs PaymentsRefund,
    Cancel needs PaymentsCancel,
    Validate needs PaymentsValidate,
}
