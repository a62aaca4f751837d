// A merchant's billing code on WCF: contracts as svcutil.exe writes them, ChannelFactory, BasicHttpBinding.
//
//     Wcf.exe http://127.0.0.1:8080 LOGIN PASSWORD
//
// Mono's svcutil leaves out message classes, so these are written here in the form that Microsoft's gives them; the
// types of the messages are those that wsdl.exe made of the published schema.
using System;
using System.Linq;
using System.ServiceModel;
using System.ServiceModel.Channels;
using System.Text;
using System.Xml.Schema;
using System.Xml.Serialization;
using CashBox;

static class Names
{
    public const string Account = "http://soap.vindicia.com/v22_0/Account";
    public const string AutoBill = "http://soap.vindicia.com/v22_0/AutoBill";
}

[ServiceContract(Namespace = Names.Account, ConfigurationName = "AccountPortType")]
public interface AccountPortType
{
    [OperationContract(Action = Names.Account + "#update", ReplyAction = "*"), XmlSerializerFormat]
    updateAccountResponse update(updateAccountRequest request);

    [OperationContract(Action = Names.Account + "#fetchByMerchantAccountId", ReplyAction = "*"), XmlSerializerFormat]
    fetchAccountResponse fetchByMerchantAccountId(fetchAccountRequest request);

    [OperationContract(Action = Names.Account + "#vanish", ReplyAction = "*"), XmlSerializerFormat]
    fetchAccountResponse vanish(vanishRequest request);
}

[MessageContract(WrapperName = "update", WrapperNamespace = Names.Account, IsWrapped = true)]
public class updateAccountRequest
{
    [MessageBodyMember(Namespace = Names.Account, Order = 0), XmlElement(Form = XmlSchemaForm.Unqualified)] public Authentication auth;
    [MessageBodyMember(Namespace = Names.Account, Order = 1), XmlElement(Form = XmlSchemaForm.Unqualified)] public string srd;
    [MessageBodyMember(Namespace = Names.Account, Order = 2), XmlElement(Form = XmlSchemaForm.Unqualified)] public Account account;
}

[MessageContract(WrapperName = "updateResponse", WrapperNamespace = Names.Account, IsWrapped = true)]
public class updateAccountResponse
{
    [MessageBodyMember(Namespace = Names.Account, Order = 0), XmlElement(Form = XmlSchemaForm.Unqualified)] public Return @return;
    [MessageBodyMember(Namespace = Names.Account, Order = 1), XmlElement(Form = XmlSchemaForm.Unqualified)] public Account account;
    [MessageBodyMember(Namespace = Names.Account, Order = 2), XmlElement(Form = XmlSchemaForm.Unqualified)] public bool created;
}

[MessageContract(WrapperName = "fetchByMerchantAccountId", WrapperNamespace = Names.Account, IsWrapped = true)]
public class fetchAccountRequest
{
    [MessageBodyMember(Namespace = Names.Account, Order = 0), XmlElement(Form = XmlSchemaForm.Unqualified)] public Authentication auth;
    [MessageBodyMember(Namespace = Names.Account, Order = 1), XmlElement(Form = XmlSchemaForm.Unqualified)] public string srd;
    [MessageBodyMember(Namespace = Names.Account, Order = 2), XmlElement(Form = XmlSchemaForm.Unqualified)] public string merchantAccountId;
}

[MessageContract(WrapperName = "fetchByMerchantAccountIdResponse", WrapperNamespace = Names.Account, IsWrapped = true)]
public class fetchAccountResponse
{
    [MessageBodyMember(Namespace = Names.Account, Order = 0), XmlElement(Form = XmlSchemaForm.Unqualified)] public Return @return;
    [MessageBodyMember(Namespace = Names.Account, Order = 1), XmlElement(Form = XmlSchemaForm.Unqualified)] public Account account;
}

[MessageContract(WrapperName = "vanish", WrapperNamespace = Names.Account, IsWrapped = true)]
public class vanishRequest
{
    [MessageBodyMember(Namespace = Names.Account, Order = 0), XmlElement(Form = XmlSchemaForm.Unqualified)] public Authentication auth;
}

[ServiceContract(Namespace = Names.AutoBill, ConfigurationName = "AutoBillPortType")]
public interface AutoBillPortType
{
    [OperationContract(Action = Names.AutoBill + "#update", ReplyAction = "*"), XmlSerializerFormat]
    updateAutoBillResponse update(updateAutoBillRequest request);

    [OperationContract(Action = Names.AutoBill + "#makePayment", ReplyAction = "*"), XmlSerializerFormat]
    makePaymentResponse makePayment(makePaymentRequest request);

    [OperationContract(Action = Names.AutoBill + "#fetchByAccount", ReplyAction = "*"), XmlSerializerFormat]
    fetchByAccountResponse fetchByAccount(fetchByAccountRequest request);
}

[MessageContract(WrapperName = "update", WrapperNamespace = Names.AutoBill, IsWrapped = true)]
public class updateAutoBillRequest
{
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 0), XmlElement(Form = XmlSchemaForm.Unqualified)] public Authentication auth;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 1), XmlElement(Form = XmlSchemaForm.Unqualified)] public string srd;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 2), XmlElement(Form = XmlSchemaForm.Unqualified)] public AutoBill autobill;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 3), XmlElement(Form = XmlSchemaForm.Unqualified)] public ImmediateAuthFailurePolicy immediateAuthFailurePolicy;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 4), XmlElement(Form = XmlSchemaForm.Unqualified)] public bool validateForFuturePayment;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 5), XmlElement(Form = XmlSchemaForm.Unqualified)] public int minChargebackProbability;
}

[MessageContract(WrapperName = "updateResponse", WrapperNamespace = Names.AutoBill, IsWrapped = true)]
public class updateAutoBillResponse
{
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 0), XmlElement(Form = XmlSchemaForm.Unqualified)] public Return @return;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 1), XmlElement(Form = XmlSchemaForm.Unqualified)] public AutoBill autobill;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 2), XmlElement(Form = XmlSchemaForm.Unqualified)] public TransactionStatus authStatus;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 3), XmlElement(Form = XmlSchemaForm.Unqualified)] public int score;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 4), XmlElement("scoreCodes", Form = XmlSchemaForm.Unqualified)] public ScoreCode[] scoreCodes;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 5), XmlElement(Form = XmlSchemaForm.Unqualified)] public Transaction initialTransaction;
}

[MessageContract(WrapperName = "makePayment", WrapperNamespace = Names.AutoBill, IsWrapped = true)]
public class makePaymentRequest
{
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 0), XmlElement(Form = XmlSchemaForm.Unqualified)] public Authentication auth;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 1), XmlElement(Form = XmlSchemaForm.Unqualified)] public string srd;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 2), XmlElement(Form = XmlSchemaForm.Unqualified)] public AutoBill autobill;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 3), XmlElement(Form = XmlSchemaForm.Unqualified)] public PaymentMethod paymentMethod;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 4), XmlElement(Form = XmlSchemaForm.Unqualified)] public decimal amount;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 5), XmlElement(Form = XmlSchemaForm.Unqualified)] public string currency;
}

[MessageContract(WrapperName = "makePaymentResponse", WrapperNamespace = Names.AutoBill, IsWrapped = true)]
public class makePaymentResponse
{
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 0), XmlElement(Form = XmlSchemaForm.Unqualified)] public Return @return;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 1), XmlElement(Form = XmlSchemaForm.Unqualified)] public Transaction transaction;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 2), XmlElement(Form = XmlSchemaForm.Unqualified)] public TransactionAttemptSummary summary;
}

[MessageContract(WrapperName = "fetchByAccount", WrapperNamespace = Names.AutoBill, IsWrapped = true)]
public class fetchByAccountRequest
{
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 0), XmlElement(Form = XmlSchemaForm.Unqualified)] public Authentication auth;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 1), XmlElement(Form = XmlSchemaForm.Unqualified)] public string srd;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 2), XmlElement(Form = XmlSchemaForm.Unqualified)] public Account account;
}

[MessageContract(WrapperName = "fetchByAccountResponse", WrapperNamespace = Names.AutoBill, IsWrapped = true)]
public class fetchByAccountResponse
{
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 0), XmlElement(Form = XmlSchemaForm.Unqualified)] public Return @return;
    [MessageBodyMember(Namespace = Names.AutoBill, Order = 1), XmlElement("autobills", Form = XmlSchemaForm.Unqualified)] public AutoBill[] autobills;
}

static class Wcf
{
    static string host;
    static Authentication auth;

    static int Main(string[] arguments)
    {
        host = arguments[0];
        auth = new Authentication { version = "22.0", login = arguments[1], password = arguments[2] };
        Run("basic", new BasicHttpBinding { MaxReceivedMessageSize = 4 << 20, TransferMode = TransferMode.Buffered });
        Run("streamed", new BasicHttpBinding { MaxReceivedMessageSize = 4 << 20, TransferMode = TransferMode.Streamed });
        Run("soap12", new CustomBinding(
            new TextMessageEncodingBindingElement(MessageVersion.Soap12, Encoding.UTF8),
            new HttpTransportBindingElement { MaxReceivedMessageSize = 4 << 20 }));
        Telling.Finish();
        return 0;
    }

    // The address is the line that changes.
    static ChannelFactory<T> Factory<T>(Binding binding)
    {
        return new ChannelFactory<T>(binding, new EndpointAddress(host + "/soap.pl"));
    }

    static void Run(string name, Binding binding)
    {
        Telling.Begin(name);
        using (var accounts = Factory<AccountPortType>(binding))
        using (var autobills = Factory<AutoBillPortType>(binding))
        {
            string own = "wcf-" + name;
            AccountPortType service = accounts.CreateChannel();
            updateAccountResponse stored = service.update(new updateAccountRequest
            {
                auth = auth,
                srd = "",
                account = new Account
                {
                    merchantAccountId = own,
                    name = "Łukasz Müller 李",
                    paymentMethods = new[]
                    {
                        new PaymentMethod
                        {
                            type = PaymentMethodType.CreditCard, typeSpecified = true,
                            creditCard = new CreditCard { account = "4111111111111111", expirationDate = "203812" },
                        },
                    },
                    nameValues = new[] { new NameValuePair { name = "only", value = "one" } },
                },
            });
            fetchAccountResponse fetched = service.fetchByMerchantAccountId(
                new fetchAccountRequest { auth = auth, srd = "", merchantAccountId = own });
            Account account = fetched.account;
            Subscriber(name, autobills.CreateChannel(), account);
            Telling.Step("account", new
            {
                stored.@return.returnCode,
                stored.created,
                same = stored.account.VID == account.VID,
                account.name,
                nameValues = account.nameValues.Select(pair => pair.name + "=" + pair.value),
                card = account.paymentMethods.Single().creditCard.account,
                type = account.paymentMethods.Single().type.ToString(),
            });
            Refusals(service);
        }
    }

    static void Subscriber(string name, AutoBillPortType service, Account account)
    {
        updateAutoBillResponse subscribed = service.update(new updateAutoBillRequest
        {
            auth = auth,
            srd = "",
            autobill = new AutoBill
            {
                merchantAutoBillId = "wcf-" + name,
                account = new Account { VID = account.VID },
                items = new[] { new AutoBillItem { product = new Product { merchantProductId = "magazine" } } },
                billingPlan = new BillingPlan { merchantBillingPlanId = "monthly" },
                paymentMethod = new PaymentMethod
                {
                    type = PaymentMethodType.MerchantAcceptedPayment, typeSpecified = true,
                    merchantAcceptedPayment = new MerchantAcceptedPayment { paymentType = "Cheque" },
                },
                currency = "USD",
            },
            immediateAuthFailurePolicy = ImmediateAuthFailurePolicy.doNotSaveAutoBill,
            minChargebackProbability = 100,
        });
        AutoBill autobill = subscribed.autobill;
        Telling.Step("subscribed", new
        {
            subscribed.@return.returnCode,
            status = autobill.status.ToString(),
            autobill.startTimestampSpecified,
            kind = autobill.startTimestamp.Kind.ToString(),
            isAuthorized = subscribed.authStatus != null,
        });
        makePaymentResponse paid = service.makePayment(new makePaymentRequest
        {
            auth = auth,
            srd = "",
            autobill = new AutoBill { VID = autobill.VID },
            paymentMethod = new PaymentMethod { VID = account.paymentMethods.Single().VID },
            amount = 5.5m,
            currency = "USD",
        });
        Telling.Step("paid", new
        {
            paid.@return.returnCode,
            summary = paid.summary.ToString(),
            amount = Telling.Text(paid.transaction.amount),
            log = paid.transaction.statusLog.Select(entry => entry.status.ToString()),
        });
        fetchByAccountResponse found = service.fetchByAccount(
            new fetchByAccountRequest { auth = auth, srd = "", account = new Account { VID = account.VID } });
        Telling.Step("autobills", new { ids = found.autobills.Select(each => each.merchantAutoBillId) });
    }

    static void Refusals(AccountPortType service)
    {
        var wrong = new Authentication { version = "22.0", login = auth.login, password = "wrong" };
        fetchAccountResponse refused = service.fetchByMerchantAccountId(
            new fetchAccountRequest { auth = wrong, srd = "", merchantAccountId = "nobody" });
        Telling.Step("refused", new { refused.@return.returnCode, refused.@return.returnString, isNull = refused.account == null });
        try
        {
            service.vanish(new vanishRequest { auth = auth });
        }
        catch (FaultException fault)
        {
            Telling.Step("fault", new { type = fault.GetType().Name, fault.Message, code = fault.Code.Name });
        }
    }
}
