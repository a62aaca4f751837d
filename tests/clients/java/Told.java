import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.Date;
import java.util.List;

/** What a program got, as lines of name=value in UTF-8: plain text of the values in its own objects. */
final class Told {
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private Told() {}

    static void that(String name, Object value) {
        OUT.println(name + "=" + plain(value));
    }

    /** How many there are; a stack may give null for none. */
    static int size(Object list) {
        return list == null ? 0 : list instanceof List ? ((List<?>) list).size() : Array.getLength(list);
    }

    private static String plain(Object value) {
        if (value == null) {
            return "nil";
        }
        if (value instanceof BigDecimal) {
            return ((BigDecimal) value).toPlainString();
        }
        if (value instanceof Calendar) {
            return ((Calendar) value).toInstant().toString();
        }
        if (value instanceof Date) {
            return Instant.ofEpochMilli(((Date) value).getTime()).toString();
        }
        if (value instanceof List) {
            List<String> each = new ArrayList<>();
            for (Object one : (List<?>) value) {
                each.add(plain(one));
            }
            return String.join(",", each);
        }
        if (value.getClass().isArray()) {
            List<Object> each = new ArrayList<>();
            for (int i = 0; i < Array.getLength(value); i++) {
                each.add(Array.get(value, i));
            }
            return plain(each);
        }
        return value.toString();
    }
}
