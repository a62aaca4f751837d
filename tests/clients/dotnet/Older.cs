// A program of 2010, made for version 3.6 and never changed since: one product an AutoBill, prices on the plan, no srd.
//
//     Older.exe http://127.0.0.1:8080 LOGIN PASSWORD
using System;
using System.Linq;
using CashBox;

static class Older
{
    static int Main(string[] arguments)
    {
        Telling.Begin("3.6");
        string endpoint = arguments[0] + "/v3.6/soap.pl";
        var auth = new Authentication { version = "3.6", login = arguments[1], password = arguments[2] };
        bool created;

        var product = new Product { merchantProductId = "old", description = "Alte Größe", status = ProductStatus.Active, statusSpecified = true };
        Return answer = new ProductBinding { Url = endpoint }.update(auth, ref product, DuplicateBehavior.Fail, true, out created);
        Telling.Step("product", new { answer.returnCode, created, product.description, status = product.status.ToString() });

        var plan = new BillingPlan
        {
            merchantBillingPlanId = "old",
            description = "Monthly",
            periods = new[]
            {
                new BillingPlanPeriod
                {
                    type = BillingPeriodType.Month, typeSpecified = true,
                    quantity = 1, quantitySpecified = true,
                    cycles = 12, cyclesSpecified = true,
                    prices = new[] { new BillingPlanPrice { amount = 9.5m, amountSpecified = true, currency = "USD" } },
                },
            },
        };
        answer = new BillingPlanBinding { Url = endpoint }.update(auth, ref plan, out created);
        Telling.Step("plan", new { answer.returnCode, created, price = Telling.Text(plan.periods[0].prices[0].amount) });

        var autobill = new AutoBill
        {
            merchantAutoBillId = "old",
            account = new Account
            {
                merchantAccountId = "old",
                name = "José Álvarez",
                emailTypePreference = EmailPreference.plaintext,
                emailTypePreferenceSpecified = true,
            },
            product = new Product { merchantProductId = "old" },
            billingPlan = new BillingPlan { merchantBillingPlanId = "old" },
            paymentMethod = new PaymentMethod
            {
                type = PaymentMethodType.CreditCard, typeSpecified = true,
                creditCard = new CreditCard { account = "4111111111111111", expirationDate = "203812" },
            },
            currency = "USD",
            startTimestampSpecified = true,
        };
        var autobills = new AutoBillBinding { Url = endpoint };
        TransactionStatus status;
        DateTime firstDay;
        decimal firstAmount;
        string currency;
        int score;
        bool daySpecified, amountSpecified, scoreSpecified;
        ScoreCode[] codes;
        answer = autobills.update(
            auth, ref autobill, DuplicateBehavior.SucceedIgnore, true, true, 100, out created, out status, out firstDay, out daySpecified,
            out firstAmount, out amountSpecified, out currency, out score, out scoreSpecified, out codes);
        Telling.Step("autobill", new
        {
            answer.returnCode,
            answer.returnString,
            created,
            status = autobill.status.ToString(),
            holder = autobill.account.name,
            email = autobill.account.emailTypePreference.ToString(),
            product = autobill.product.description,
            firstDayIsNow = Math.Abs((firstDay - DateTime.Today).TotalDays) <= 1,
            firstDayKind = firstDay.Kind.ToString(),
            firstAmount = Telling.Text(firstAmount),
            currency,
            authStatus = status == null ? null : status.status.ToString(),
        });

        AutoBill[] found;
        answer = autobills.fetchByAccount(auth, new Account { merchantAccountId = "old" }, false, false, out found);
        Telling.Step("autobills", new { answer.returnCode, ids = found.Select(each => each.merchantAutoBillId) });

        Transaction[] transactions;
        answer = new TransactionBinding { Url = endpoint }.fetchByAccount(
            auth, new Account { merchantAccountId = "old" }, false, false, out transactions);
        Telling.Step("transactions", new { answer.returnCode, amounts = transactions.Select(each => Telling.Text(each.amount)) });

        Telling.Finish();
        return 0;
    }
}
