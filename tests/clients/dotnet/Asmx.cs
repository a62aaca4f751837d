// A merchant's billing code of the years of .NET 2.0 to 4.x: proxies made by wsdl.exe, SoapHttpClientProtocol.
//
//     Asmx.exe http://127.0.0.1:8080 LOGIN PASSWORD
using System;
using System.Linq;
using System.Net;
using System.Text;
using System.Threading;
using System.Web.Services;
using System.Web.Services.Protocols;
using CashBox;

static class Asmx
{
    const string Catalogue = "Журнал – 雑誌 “Žurnál” 📰";

    static string host;
    static SoapProtocolVersion version;
    static Encoding encoding;
    static Authentication auth;

    static int Main(string[] arguments)
    {
        host = arguments[0];
        auth = new Authentication { version = "22.0", login = arguments[1], password = arguments[2] };
        Call("soap11", SoapProtocolVersion.Default, null);
        Call("soap12", SoapProtocolVersion.Soap12, null);
        Call("utf16", SoapProtocolVersion.Default, Encoding.Unicode);
        Telling.Finish();
        return 0;
    }

    static void Call(string way, SoapProtocolVersion protocol, Encoding requests)
    {
        version = protocol;
        encoding = requests;
        Telling.Begin(way);
        Echoes();
        Life(way);
        Refusals();
    }

    // The line that changes, and what a careful program sets beside it.
    static T Proxy<T>() where T : SoapHttpClientProtocol, new()
    {
        return new T
        {
            Url = host + "/soap.pl", EnableDecompression = true, Timeout = 30000, SoapVersion = version, RequestEncoding = encoding,
        };
    }

    static void Echoes()
    {
        var diagnostic = Proxy<DiagnosticBinding>();
        string echo, ascii, latin, other, seconds;
        bool flag, specified;
        DateTime moment;
        diagnostic.echoString(auth, "", Catalogue, out echo, out ascii, out latin, out other);
        Telling.Step("echoString", new { same = echo == Catalogue, echo, latin, other });

        diagnostic.echoBoolean(auth, null, true, out flag, out specified, out seconds);
        Telling.Step("echoBoolean", new { flag, specified, number = seconds });

        foreach (DateTimeKind kind in Enum.GetValues(typeof(DateTimeKind)))
        {
            var sent = DateTime.SpecifyKind(new DateTime(2031, 7, 4, 12, 30, 15, 250), kind);
            diagnostic.echoDateTime(auth, "", sent, out moment, out specified, out seconds);
            Telling.Step("echoDateTime" + kind, new { moment = Telling.Moment(moment), specified, seconds });
        }
        Return refused = diagnostic.echoDateTime(auth, "", default(DateTime), out moment, out specified, out seconds);
        Telling.Step("echoDateTimeUnset", new { refused.returnCode, refused.returnString, specified, seconds });
    }

    static void Life(string id)
    {
        var product = StoreProduct(id);
        var plan = StorePlan(id);
        var account = StoreAccount(id);
        ChangeAccount(account);
        var byCard = SubscribeByCard(id, account, product, plan);
        ChangeAutoBill(byCard);
        var byHand = SubscribeByHand(id, account, product, plan);
        Pay(id, account, byHand);
        ReadBack(account, byCard, byHand);
        SellOnce(id, account, product);
    }

    static Product StoreProduct(string id)
    {
        var product = new Product
        {
            merchantProductId = "magazine-" + id,
            descriptions = new[]
            {
                new ProductDescription { language = "EN", description = Catalogue },
                new ProductDescription { language = "DE", description = "Zeitschrift für Größen & <Maße>" },
            },
            // A program that fills whole objects says of everything that it is specified, set or not.
            status = ProductStatus.Active,
            statusSpecified = true,
            endOfLifeTimestampSpecified = true,
            prices = new[] { new ProductPrice { amount = 29.98m, currency = "USD" } },
            nameValues = new[] { new NameValuePair { name = "shelf", value = "№ 7" } },
            merchantEntitlementIds = new MerchantEntitlementId[0],
        };
        bool created;
        Return answer = Proxy<ProductBinding>().update(auth, "", ref product, default(DuplicateBehavior), false, out created);
        Telling.Step("product", new
        {
            answer.returnCode,
            answer.returnString,
            soapId = answer.soapId.Length,
            created,
            vid = product.VID.Length,
            description = product.descriptions.Single(each => each.language == "EN").description,
            german = product.descriptions.Single(each => each.language == "DE").description,
            status = product.status.ToString(),
            product.endOfLifeTimestampSpecified,
            price = Telling.Text(product.prices.Single().amount),
            nameValues = product.nameValues.Select(pair => pair.name + "=" + pair.value),
            entitlements = Length(product.merchantEntitlementIds),
        });
        return product;
    }

    static BillingPlan StorePlan(string id)
    {
        var plan = new BillingPlan
        {
            merchantBillingPlanId = "monthly-" + id,
            description = "Každý měsíc",
            periods = new[]
            {
                new BillingPlanPeriod
                {
                    type = BillingPeriodType.Month, typeSpecified = true,
                    quantity = 1, quantitySpecified = true,
                    cycles = 0, cyclesSpecified = true,
                    prices = new[] { new BillingPlanPrice { amount = 0m, amountSpecified = true, currency = "USD" } },
                },
            },
            nameValues = null,
        };
        bool created;
        Return answer = Proxy<BillingPlanBinding>().update(auth, null, ref plan, out created);
        BillingPlanPeriod period = plan.periods.Single();
        Telling.Step("plan", new
        {
            answer.returnCode,
            created,
            plan.description,
            type = period.type.ToString(),
            period.typeSpecified,
            period.quantity,
            period.free,
            nameValues = Length(plan.nameValues),
        });
        return plan;
    }

    static Account StoreAccount(string id)
    {
        var account = new Account
        {
            merchantAccountId = "reader-" + id,
            name = "Zoë Nuñez-Ørsted",
            emailAddress = "zoe@example.org",
            emailTypePreference = EmailPreference.html,
            emailTypePreferenceSpecified = true,
            preferredLanguage = "",
            warnBeforeAutobilling = false,
            warnBeforeAutobillingSpecified = true,
            shippingAddress = new Address
            {
                addr1 = "1 Straße der Größe",
                city = "Łódź",
                postalCode = "90-001",
                country = "PL",
                latitude = 51.759445m,
                latitudeSpecified = true,
                longitude = 19.457216m,
                longitudeSpecified = true,
            },
            paymentMethods = new[]
            {
                new PaymentMethod
                {
                    type = PaymentMethodType.CreditCard, typeSpecified = true,
                    merchantPaymentMethodId = "card-" + id,
                    accountHolderName = "Zoë Nuñez-Ørsted",
                    creditCard = new CreditCard { account = "4111111111111111", expirationDate = "203812" },
                    active = true, activeSpecified = true,
                    nameValues = new[] { new NameValuePair { name = "CVN", value = "123" } },
                },
            },
            nameValues = new[]
            {
                new NameValuePair { name = "source", value = "web" },
                new NameValuePair { name = "segment", value = "A&B" },
                new NameValuePair { name = "greeting", value = "Здравствуйте" },
            },
        };
        bool created;
        Return answer = Proxy<AccountBinding>().update(auth, "", ref account, out created);
        Telling.Step("account", new { answer.returnCode, created, told = Described(account) });
        return account;
    }

    static object Described(Account account)
    {
        PaymentMethod method = account.paymentMethods.Single();
        return new
        {
            account.name,
            email = account.emailTypePreference.ToString(),
            account.warnBeforeAutobilling,
            account.warnBeforeAutobillingSpecified,
            account.company,
            account.shippingAddress.city,
            latitude = Telling.Text(account.shippingAddress.latitude),
            account.shippingAddress.longitudeSpecified,
            card = method.creditCard.account,
            type = method.type.ToString(),
            method.active,
            method.activeSpecified,
            method.currency,
            secrets = Length(method.nameValues),
            nameValues = account.nameValues.Select(pair => pair.name + "=" + pair.value),
        };
    }

    // Fetch, change, update: the whole object goes back as it came, masked card included.
    static void ChangeAccount(Account account)
    {
        var accounts = Proxy<AccountBinding>();
        Account fetched;
        bool created;
        Return answer = accounts.fetchByMerchantAccountId(auth, "", account.merchantAccountId, out fetched);
        fetched.company = "Ørsted & Søn A/S";
        Return changed = accounts.update(auth, "", ref fetched, out created);
        Telling.Step("changed", new
        {
            answer.returnCode,
            changeCode = changed.returnCode,
            created,
            sameAccount = fetched.VID == account.VID,
            sameMethod = fetched.paymentMethods.Single().VID == account.paymentMethods.Single().VID,
            told = Described(fetched),
        });
    }

    static AutoBill Order(string own, Account account, Product product, BillingPlan plan)
    {
        return new AutoBill
        {
            merchantAutoBillId = own,
            account = new Account { merchantAccountId = account.merchantAccountId },
            billingPlan = new BillingPlan { VID = plan.VID },
            items = new[]
            {
                new AutoBillItem { index = 0, indexSpecified = true, product = new Product { VID = product.VID }, addedDateSpecified = true },
            },
            currency = "USD",
            startTimestampSpecified = true,
            endTimestampSpecified = true,
        };
    }

    static Return Subscribe(ref AutoBill autobill, out TransactionStatus status, out Transaction first)
    {
        int score;
        bool scoreSpecified;
        ScoreCode[] codes;
        return Proxy<AutoBillBinding>().update(
            auth, "", ref autobill, ImmediateAuthFailurePolicy.doNotSaveAutoBill, true, false, true, 100, true,
            false, false, false, false, null, false, false, null, default(InitialAuthStrategy), false,
            out status, out score, out scoreSpecified, out codes, out first);
    }

    static AutoBill SubscribeByCard(string id, Account account, Product product, BillingPlan plan)
    {
        AutoBill autobill = Order("card-" + id, account, product, plan);
        autobill.paymentMethod = new PaymentMethod { VID = account.paymentMethods.Single().VID };
        TransactionStatus status;
        Transaction first;
        Return answer = Subscribe(ref autobill, out status, out first);
        Telling.Step("subscribedByCard", new
        {
            answer.returnCode,
            answer.returnString,
            status = autobill.status.ToString(),
            billingState = autobill.billingState.ToString(),
            started = autobill.startTimestamp.Kind.ToString(),
            autobill.endTimestampSpecified,
            end = Telling.Moment(autobill.endTimestamp),
            authStatus = status == null ? null : status.status.ToString(),
            firstAmount = first == null ? null : Telling.Text(first.amount),
            next = Telling.Text(autobill.nextBilling.amount),
            nextIsLater = autobill.nextBilling.timestamp > autobill.startTimestamp.AddDays(27),
            autobill.items.Single().index,
        });
        return autobill;
    }

    static void ChangeAutoBill(AutoBill autobill)
    {
        AutoBill fetched;
        Proxy<AutoBillBinding>().fetchByVid(auth, "", autobill.VID, out fetched);
        fetched.customerAutoBillName = "Mój abonament";
        TransactionStatus status;
        Transaction first;
        Return answer = Subscribe(ref fetched, out status, out first);
        Telling.Step("changedAutoBill", new
        {
            answer.returnCode,
            answer.returnString,
            fetched.customerAutoBillName,
            sameItem = fetched.items.Single().VID == autobill.items.Single().VID,
            sameMethod = fetched.paymentMethod.VID == autobill.paymentMethod.VID,
            sameEnd = fetched.endTimestamp == autobill.endTimestamp,
            sameNext = fetched.nextBilling.timestamp == autobill.nextBilling.timestamp,
            isCharged = first != null,
        });
    }

    static AutoBill SubscribeByHand(string id, Account account, Product product, BillingPlan plan)
    {
        AutoBill autobill = Order("hand-" + id, account, product, plan);
        autobill.paymentMethod = new PaymentMethod
        {
            type = PaymentMethodType.MerchantAcceptedPayment, typeSpecified = true,
            merchantAcceptedPayment = new MerchantAcceptedPayment { paymentType = "Cheque" },
        };
        TransactionStatus status;
        Transaction first;
        Return answer = Subscribe(ref autobill, out status, out first);
        Telling.Step("subscribedByHand", new { answer.returnCode, answer.returnString, status = autobill.status.ToString() });
        return autobill;
    }

    static string[] Invoices(AutoBill autobill, InvoiceStates? state)
    {
        string[] numbers;
        Proxy<AutoBillBinding>().fetchInvoiceNumbers(
            auth, "", new AutoBill { VID = autobill.VID }, state.GetValueOrDefault(), state.HasValue, out numbers);
        return numbers;
    }

    // A list without elements is null to Microsoft's serializer, and may be empty to Mono's.
    static int Length(Array list) { return list == null ? 0 : list.Length; }

    static void Pay(string id, Account account, AutoBill autobill)
    {
        string[] due = Invoices(autobill, InvoiceStates.Due);
        Telling.Step("invoicesBefore", new
        {
            due = due.Length,
            inAnyState = Invoices(autobill, null).Contains(due[0]),
            writtenOff = Length(Invoices(autobill, InvoiceStates.WrittenOff)),
        });

        var card = new PaymentMethod { VID = account.paymentMethods.Single().VID };
        Telling.Step("paidByCard", Payment(autobill, card, 14.99m, due[0], "für Zoë"));

        var cheque = new PaymentMethod
        {
            type = PaymentMethodType.MerchantAcceptedPayment, typeSpecified = true,
            merchantPaymentMethodId = "cheque-" + id,
            merchantAcceptedPayment = new MerchantAcceptedPayment
            {
                paymentType = "Cheque",
                paymentId = "№-" + id,
                amount = 14.99m, amountSpecified = true,
                currency = "USD",
                timestamp = DateTime.Now, timestampSpecified = true,
            },
        };
        Telling.Step("paidByCheque", Payment(autobill, cheque, 14.99m, null, null));
        Telling.Step("invoicesAfter", new { paid = Invoices(autobill, InvoiceStates.Paid).Contains(due[0]) });

        byte[] invoice;
        Return answer = Proxy<AutoBillBinding>().fetchInvoice(
            auth, "", new AutoBill { VID = autobill.VID }, due[0], true, true, null, 0, false, null, out invoice);
        Telling.Step("invoice", new { answer.returnCode, begins = Encoding.ASCII.GetString(invoice, 0, 5) });
    }

    static object Payment(AutoBill autobill, PaymentMethod method, decimal amount, string invoice, string note)
    {
        Transaction transaction;
        TransactionAttemptSummary summary;
        bool summarySpecified;
        Return answer = Proxy<AutoBillBinding>().makePayment(
            auth, "", new AutoBill { VID = autobill.VID }, method, amount, "USD", invoice,
            PaymentOverageDisposition.applytoOldestInvoice, true, false, true, note,
            out transaction, out summary, out summarySpecified);
        return new
        {
            answer.returnCode,
            answer.returnString,
            summary = summary.ToString(),
            summarySpecified,
            amount = Telling.Text(transaction.amount),
            transaction.amountSpecified,
            transaction.note,
            method = transaction.statusLog[0].paymentMethodType.ToString(),
            log = transaction.statusLog.Select(entry => entry.status.ToString()),
            kind = transaction.timestamp.Kind.ToString(),
            recent = (DateTime.Now - transaction.timestamp).Duration() < TimeSpan.FromMinutes(5),
            items = Length(transaction.transactionItems),
        };
    }

    static void ReadBack(Account account, AutoBill byCard, AutoBill byHand)
    {
        AutoBill[] autobills;
        Return answer = Proxy<AutoBillBinding>().fetchByAccount(
            auth, "", new Account { merchantAccountId = account.merchantAccountId }, false, false, 0, true, 10, true, out autobills);
        Telling.Step("autobills", new
        {
            answer.returnCode,
            same = autobills.Select(each => each.VID).OrderBy(vid => vid).SequenceEqual(new[] { byCard.VID, byHand.VID }.OrderBy(vid => vid)),
            holders = autobills.Select(each => each.account.name).Distinct(),
            types = autobills.Select(each => each.paymentMethod.type.ToString()).OrderBy(name => name),
        });

        Transaction[] transactions;
        answer = Proxy<TransactionBinding>().fetchByAccount(
            auth, "", new Account { VID = account.VID }, false, true, 0, false, 0, false, out transactions);
        Telling.Step("transactions", new
        {
            answer.returnCode,
            amounts = transactions.Select(each => Telling.Text(each.amount)).OrderBy(text => text),
            statuses = transactions.Select(each => each.statusLog[0].status.ToString()).OrderBy(name => name),
            authCodes = transactions.Select(each => each.statusLog[0].creditCardStatus).Where(each => each != null).Select(each => each.authCode),
            totals = transactions.SelectMany(each => each.transactionItems ?? new TransactionItem[0]).Where(item => item.totalSpecified).Select(item => Telling.Text(item.total)),
        });

        Transaction[] none;
        answer = Proxy<TransactionBinding>().fetchDeltaSince(
            auth, "", new DateTime(2001, 1, 1), new DateTime(2001, 1, 2), 0, true, 10, true, null, out none);
        Telling.Step("noTransactions", new { answer.returnCode, found = Length(none) });

        Telling.Step("asynchronous", Asynchronous(byCard));
    }

    static void SellOnce(string id, Account account, Product product)
    {
        var transaction = new Transaction
        {
            merchantTransactionId = "sale-" + id,
            account = account,
            sourcePaymentMethod = account.paymentMethods.Single(),
            currency = "USD",
            amount = 3.33m, amountSpecified = true,
            timestampSpecified = true,
            transactionItems = new[]
            {
                new TransactionItem { sku = "extra", name = "Příloha", price = 1.11m, quantity = 3m, servicePeriodStartDateSpecified = true },
            },
        };
        int score;
        bool scoreSpecified;
        ScoreCode[] codes;
        Return answer = Proxy<TransactionBinding>().authCapture(
            auth, "", ref transaction, false, true, false, false, false, false, null, false, false, 100,
            out score, out scoreSpecified, out codes);
        Telling.Step("sale", new
        {
            answer.returnCode,
            answer.returnString,
            amount = Telling.Text(transaction.amount),
            item = transaction.transactionItems[0].name,
            quantity = Telling.Text(transaction.transactionItems[0].quantity),
            status = transaction.statusLog[0].status.ToString(),
            scoreSpecified,
        });
    }

    // The event based asynchronous pattern that wsdl.exe generates beside each operation.
    static object Asynchronous(AutoBill autobill)
    {
        var done = new ManualResetEvent(false);
        object told = null;
        var proxy = Proxy<AutoBillBinding>();
        proxy.fetchByVidCompleted += (sender, arguments) =>
        {
            told = new { arguments.Result.returnCode, arguments.autobill.merchantAutoBillId, state = arguments.UserState };
            done.Set();
        };
        proxy.fetchByVidAsync(auth, "", autobill.VID, "my call");
        return done.WaitOne(TimeSpan.FromSeconds(30)) ? told : null;
    }

    static void Refusals()
    {
        Account account;
        AutoBill autobill;
        var accounts = Proxy<AccountBinding>();
        var wrong = new Authentication { version = "22.0", login = auth.login, password = auth.password + "?" };
        Return answer = accounts.fetchByMerchantAccountId(wrong, "", "reader", out account);
        Telling.Step("wrongPassword", new { answer.returnCode, answer.returnString, isNull = account == null });
        answer = accounts.fetchByMerchantAccountId(auth, "", "nobody", out account);
        Telling.Step("unknownAccount", new { answer.returnCode, answer.returnString, isNull = account == null });
        Chargeback[] chargebacks;
        AutoBill[] autobills;
        var nobody = new Account { merchantAccountId = "nobody" };
        answer = Proxy<ChargebackBinding>().fetchByAccount(auth, "", nobody, false, false, out chargebacks);
        Telling.Step("chargebacksOfUnknownAccount", new { answer.returnCode, answer.returnString, found = Length(chargebacks) });
        answer = Proxy<AutoBillBinding>().fetchByAccount(auth, "", nobody, false, false, 0, false, 0, false, out autobills);
        Telling.Step("autobillsOfUnknownAccount", new { answer.returnCode, answer.returnString, found = Length(autobills) });
        answer = Proxy<AutoBillBinding>().fetchByMerchantAutoBillId(auth, "", "nothing", out autobill);
        Telling.Step("unknownAutoBill", new { answer.returnCode, answer.returnString });

        bool created;
        var nameless = new Account { name = "No id" };
        answer = accounts.update(auth, "", ref nameless, out created);
        Telling.Step("noIdentifier", new { answer.returnCode, answer.returnString, created, isNull = nameless == null });

        try
        {
            Proxy<Vanished>().Vanish(auth);
        }
        catch (SoapException fault)
        {
            Telling.Step("fault", new { fault.Message, code = fault.Code.Name, codeNamespace = fault.Code.Namespace });
        }

        var point = ServicePointManager.FindServicePoint(new Uri(host));
        Telling.Step("connections", new { point.CurrentConnections, point.Expect100Continue });
    }
}

// An operation that the server does not have, as it is when a proxy is newer than the service.
[WebServiceBinding(Name = "AccountBinding", Namespace = "http://soap.vindicia.com/v22_0/Account")]
public class Vanished : SoapHttpClientProtocol
{
    [SoapDocumentMethod("http://soap.vindicia.com/v22_0/Account#vanish", RequestNamespace = "http://soap.vindicia.com/v22_0/Account",
        RequestElementName = "vanish", ResponseNamespace = "http://soap.vindicia.com/v22_0/Account", ResponseElementName = "vanishResponse")]
    public void Vanish(Authentication auth) { Invoke("Vanish", new object[] { auth }); }
}
