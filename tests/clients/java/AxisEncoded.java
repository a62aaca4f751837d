import com.vindicia.soap.v22_0.Vindicia.Account;
import com.vindicia.soap.v22_0.Vindicia.Address;
import com.vindicia.soap.v22_0.Vindicia.Authentication;
import com.vindicia.soap.v22_0.Vindicia.CreditCard;
import com.vindicia.soap.v22_0.Vindicia.EmailPreference;
import com.vindicia.soap.v22_0.Vindicia.NameValuePair;
import com.vindicia.soap.v22_0.Vindicia.PaymentMethod;
import com.vindicia.soap.v22_0.Vindicia.PaymentMethodType;
import com.vindicia.soap.v22_0.Vindicia.ReturnCode;
import com.vindicia.soap.v22_0.Vindicia._return;
import java.util.List;
import javax.xml.namespace.QName;
import javax.xml.rpc.ParameterMode;
import org.apache.axis.SimpleTargetedChain;
import org.apache.axis.client.Call;
import org.apache.axis.client.Service;
import org.apache.axis.configuration.BasicClientConfig;
import org.apache.axis.encoding.XMLType;
import org.apache.axis.encoding.ser.BeanDeserializerFactory;
import org.apache.axis.encoding.ser.BeanSerializerFactory;
import org.apache.axis.encoding.ser.EnumDeserializerFactory;
import org.apache.axis.encoding.ser.EnumSerializerFactory;
import org.apache.axis.transport.http.CommonsHTTPSender;
import org.apache.axis.transport.http.HTTPConstants;

/**
 * Apache Axis 1.4 without stubs: Calls in the style they have of themselves, rpc/encoded with multiRef elements; the
 * second is sent by Commons HttpClient, in chunks and packed by gzip. AxisEncoded URL LOGIN PASSWORD.
 */
public final class AxisEncoded {
    private static final String TYPES = "http://soap.vindicia.com/v22_0/Vindicia";
    private static final String ACCOUNTS = "http://soap.vindicia.com/v22_0/Account";

    private AxisEncoded() {}

    private static Call call(Service service, String url, String operation) throws Exception {
        Call call = (Call) service.createCall();
        call.setTargetEndpointAddress(url + "/soap.pl");
        call.setOperationName(new QName(ACCOUNTS, operation));
        for (Class<?> bean : List.of(Account.class, Address.class, Authentication.class, CreditCard.class,
                NameValuePair.class, PaymentMethod.class)) {
            QName type = new QName(TYPES, bean.getSimpleName());
            call.registerTypeMapping(bean, type, new BeanSerializerFactory(bean, type),
                    new BeanDeserializerFactory(bean, type));
        }
        QName returned = new QName(TYPES, "Return");
        call.registerTypeMapping(_return.class, returned, new BeanSerializerFactory(_return.class, returned),
                new BeanDeserializerFactory(_return.class, returned));
        for (Class<?> list : List.of(EmailPreference.class, PaymentMethodType.class, ReturnCode.class)) {
            QName type = new QName(TYPES, list.getSimpleName());
            call.registerTypeMapping(list, type, new EnumSerializerFactory(list, type),
                    new EnumDeserializerFactory(list, type));
        }
        call.addParameter("auth", new QName(TYPES, "Authentication"), ParameterMode.IN);
        call.addParameter("srd", XMLType.XSD_STRING, ParameterMode.IN);
        call.setReturnType(returned, _return.class);
        return call;
    }

    public static void main(String[] arguments) throws Exception {
        Authentication auth = new Authentication("22.0", arguments[1], arguments[2], null, null);
        NameValuePair shared = new NameValuePair("größe", "ñandú");
        Address address = new Address();
        address.setCity("Kraków");
        CreditCard card = new CreditCard();
        card.setAccount("4111111111111111");
        card.setExpirationDate("203812");
        PaymentMethod method = new PaymentMethod();
        method.setType(PaymentMethodType.CreditCard);
        method.setCreditCard(card);
        method.setActive(true);
        method.setBillingAddress(address);
        method.setNameValues(new NameValuePair[] {shared, new NameValuePair("CVN", "123")});
        Account account = new Account();
        account.setMerchantAccountId("axis-encoded");
        account.setName("Zoë Müßig-Łukasiewicz 李");
        account.setEmailTypePreference(EmailPreference.plaintext);
        account.setWarnBeforeAutobilling(true);
        account.setShippingAddress(address);
        account.setPaymentMethods(new PaymentMethod[] {method});
        account.setNameValues(new NameValuePair[] {shared});

        Call update = call(new Service(), arguments[0], "update");
        update.addParameter("account", new QName(TYPES, "Account"), ParameterMode.INOUT);
        update.addParameter("created", XMLType.XSD_BOOLEAN, ParameterMode.OUT);
        _return result = (_return) update.invoke(new Object[] {auth, null, account});
        String sent = update.getMessageContext().getRequestMessage().getSOAPPartAsString();
        Told.that("multiRef", sent.contains("<multiRef id="));
        Told.that("Account.update", result.getReturnCode() + " " + result.getReturnString());
        Account read = (Account) update.getOutputParams().get(new QName("", "account"));
        Told.that("account.created", update.getOutputParams().get(new QName("", "created")));
        Told.that("account.name", read.getName());

        BasicClientConfig overCommons = new BasicClientConfig();
        overCommons.deployTransport("http", new SimpleTargetedChain(new CommonsHTTPSender()));
        Call fetch = call(new Service(overCommons), arguments[0], "fetchByMerchantAccountId");
        fetch.setProperty(HTTPConstants.MC_GZIP_REQUEST, true);
        fetch.setProperty(HTTPConstants.MC_ACCEPT_GZIP, true);
        fetch.addParameter("merchantAccountId", XMLType.XSD_STRING, ParameterMode.IN);
        fetch.addParameter("account", new QName(TYPES, "Account"), ParameterMode.OUT);
        result = (_return) fetch.invoke(new Object[] {auth, "", "axis-encoded"});
        Told.that("Account.fetchByMerchantAccountId", result.getReturnCode() + " " + result.getReturnString());
        read = (Account) fetch.getOutputParams().get(new QName("", "account"));
        Told.that("account.city", read.getShippingAddress().getCity());
        Told.that("account.email", read.getEmailTypePreference());
        Told.that("account.warn", read.getWarnBeforeAutobilling());
        Told.that("account.card", read.getPaymentMethods(0).getCreditCard().getAccount());
        Told.that("account.billingCity", read.getPaymentMethods(0).getBillingAddress().getCity());
        Told.that("account.nameValues", read.getNameValues(0).getName() + " " + read.getNameValues(0).getValue());
        Told.that("method.nameValues", read.getPaymentMethods(0).getNameValues(0).getValue());
    }
}
